import { ChanceryError } from '../../core/errors.js';

export interface Damage {
  /** What is wrong: a fault of a line or of the chain, a missing segment, a hole below acknowledged entries. */
  readonly kind: string;
  readonly message: string;
  /** The first entry that cannot be trusted. */
  readonly sequence: number;
  readonly segment: string;
  /** Bytes from the beginning of the segment. */
  readonly offset: number;
}

export function damageError(damage: Damage): ChanceryError {
  return new ChanceryError(
    'LEDGER_DAMAGED',
    `entry ${String(damage.sequence)} at byte ${String(damage.offset)} of ${damage.segment} (${damage.kind}): ${damage.message}`,
    {
      hint:
        damage.kind === 'segment'
          ? 'when it was moved, name its directory in ledger.archives of chancery.yaml, and mount it; when it is lost, put it back from a backup'
          : 'keep the directory as it is, copy it aside, compare it with a backup and with retained checkpoints using `chancery ledger verify`',
    },
  );
}
