import type { Anchors } from '../ledger/anchors/anchors.js';
import type { Ailment, Probe } from '../operations/health.js';
import type { KeyPolicy } from '../policy/policy.js';
import type { Path } from '../signing/path.js';
import type { Checkpoints } from './checkpoints.js';
import { keyAilments, usableKeys } from './key-ailments.js';
import type { SnapshotLoop } from './snapshot-loop.js';
import { tokenAilments } from './token-ailments.js';
import type { Tokens } from './tokens.js';

/** What can be unwell, asked anew at each probe. */
export function probes({
  path,
  tokens,
  checkpoints,
  anchors,
  snapshots,
}: {
  readonly path: Path;
  readonly tokens: Tokens;
  readonly checkpoints: Pick<Checkpoints, 'trouble'>;
  readonly anchors: Anchors;
  readonly snapshots: Pick<SnapshotLoop, 'trouble'>;
}): readonly Probe[] {
  const { ledger, clock } = path;
  const keys = (): Iterable<KeyPolicy> => path.policies.inForce(ledger.state).keys.values();
  return [
    () => ledgerAilment(ledger.unavailable, true),
    () => ledgerAilment(ledger.stalled, true),
    () => {
      const why = ledger.full;
      if (why === null || ledger.unavailable !== null) return [];
      const message = ledger.reserved
        ? `what is left of the ledger is kept for outcomes and freezes: ${why}`
        : `signing stops when the segment in use is full: ${why}`;
      return ledgerAilment(message, ledger.reserved);
    },
    () => {
      const trouble = checkpoints.trouble();
      if (trouble === null || anchors.rollback !== null) return [];
      const message = `no checkpoint is signed: ${trouble.message}`;
      return [{ component: 'ledger', code: trouble.code, message, stopsSigning: false }];
    },
    () => ledgerAilment(snapshots.trouble, false),
    () =>
      anchors
        .ailments()
        .map((ailment): Ailment => ({ component: 'ledger', code: 'LEDGER_UNAVAILABLE', ...ailment })),
    () => {
      const error = clock.check(ledger.state.time);
      return error === null
        ? []
        : [{ component: 'clock', code: error.code, message: error.message, stopsSigning: true }];
    },
    () => tokenAilments(tokens.all(), usableKeys(keys(), ledger.state)),
    () => keyAilments(keys(), ledger.state),
  ];
}

function ledgerAilment(message: string | null, stopsSigning: boolean): readonly Ailment[] {
  if (message === null) return [];
  return [{ component: 'ledger', code: 'LEDGER_UNAVAILABLE', message, stopsSigning }];
}
