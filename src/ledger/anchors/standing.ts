import type { SignedCheckpoint } from '../checkpoint/signed-checkpoint.js';
import type { Anchor } from './anchor.js';
import type { Finding } from './examine.js';
import type { KnownHead } from './root-of.js';

/** What stands against the ledger, with the ledger as it was found, and when it was. */
export interface StandingFinding extends Finding {
  readonly head: KnownHead;
  /** When this process first found it. Wall, milliseconds. */
  readonly since: number;
}

/** How one anchor stands to the ledger. */
export interface Standing {
  readonly anchor: Anchor;
  /** What was found against the ledger; null when nothing was. */
  finding: StandingFinding | null;
  /** Entries under the newest checkpoint it holds; null when it holds none yet. */
  covered: number | null;
  /** Not after the time of the first entry that it does not cover; null when it covers all. Wall, ms. */
  behindSince: number | null;
  /** Why it could not be written, or read while the daemon runs; null when it could. */
  trouble: string | null;
  busy: boolean;
  /** Since when it is being written, by the boot clock; null when it is not. */
  writingSince: number | null;
  waiting: readonly [SignedCheckpoint, number] | null;
}

/** Of an anchor that nobody has looked at. */
export function newStanding(anchor: Anchor): Standing {
  return {
    anchor,
    finding: null,
    covered: null,
    behindSince: null,
    trouble: null,
    busy: false,
    writingSince: null,
    waiting: null,
  };
}
