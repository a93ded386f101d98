import type { SignedCheckpoint } from '../checkpoint/signed-checkpoint.js';

/** A checkpoint of this ledger that stands outside its directory. */
export interface Anchor {
  /** What the policy says of it, as text: another text is another anchor. */
  readonly id: string;
  /** For people: `file /srv/anchor/checkpoint`. */
  readonly name: string;
  /** How long the ledger may grow beyond it before signing stops, in milliseconds. */
  readonly lag: number;
  /**
   * The checkpoints it holds, their signatures verified; more than one only after a crash. Throws ChanceryError when
   * it cannot be read, or holds something that is none.
   */
  read(): Promise<readonly AnchorReading[]>;
  /** Durable when it resolves. Absent: somebody else brings the checkpoint there. */
  write?(checkpoint: SignedCheckpoint): Promise<void>;
}

export interface AnchorReading {
  readonly checkpoint: SignedCheckpoint;
  /** Milliseconds: when others vouched for it; null when only the ledger's own key did. */
  readonly witnessed: number | null;
}
