import type { StrictVerifier } from '../core/ed25519.js';
import type { ChanceryError } from '../core/errors.js';
import type { Readiness, Signer } from '../core/signer.js';
import type { Ledger } from '../ledger/ledger.js';
import type { ClockGuard } from './clock-guard.js';
import type { Denials } from './denials.js';
import type { Policies } from './policies.js';

/** What the request path is made of; built once by the composition root. */
export interface Path {
  readonly ledger: Ledger;
  readonly policies: Policies;
  readonly signer: Signer & Readiness;
  /** Judges what the token returns. */
  readonly verify: StrictVerifier;
  readonly clock: ClockGuard;
  readonly denials: Denials;
  /**
   * Why nothing may be signed, when the ledger is not anchored as the policy requires or this process has not begun in
   * it; null when it may.
   */
  readonly stops: () => ChanceryError | null;
  /** Bytes of ledger the requests of one uid may fill in 24 hours. */
  readonly dailyBytesPerUid: number;
}
