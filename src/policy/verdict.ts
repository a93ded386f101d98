import type { Failure } from '../core/errors.js';
import type { KeyPolicy, Policy } from './policy.js';
import type { Assessment } from '../solana/assessment.js';

/** What one request asks of the policy. Everything is data; `state` is the fold (or a fake of it). */
export interface Question {
  readonly policy: Policy;
  readonly key: KeyPolicy;
  readonly workload: string;
  readonly assessment: Assessment;
  /** SHA-256 hex of the message bytes. */
  readonly messageHash: string;
  readonly purpose: 'transaction' | 'vote';
  /** Base58 keys for which possession was proved on this connection. */
  readonly possessed: ReadonlySet<string>;
  /** The later of the wall clock, the boot clock's estimate of it, and the ledger's last time: statements expire by it. */
  readonly now: number;
  /**
   * The time its entry would bear, at most `now`: windows, rates and repeats go by it, as what they hold bears such
   * times. By `now`, while the wall clock lags, an amount would leave a window before the ledger says it may.
   */
  readonly entryTime: number;
}

/** When a question is asked, by the clocks and as the ledger would have it. */
export type Times = Pick<Question, 'now' | 'entryTime'>;

/** A limit's figures after this request would be counted (allow) or as they stand (deny). Base units. */
export interface LimitReport {
  readonly rule: string;
  readonly asset: string;
  /** Base58 or SPIFFE ID of the one the limit is about; both null when it is the whole key's. */
  readonly destination: string | null;
  readonly workload: string | null;
  readonly window: string;
  readonly max: bigint;
  readonly spent: bigint;
  readonly requested: bigint;
  readonly remaining: bigint;
}

export interface Count {
  readonly unit: string;
  readonly amount: bigint;
}

/** What of the key's is reachable by programs whose word the policy takes; for `explain`. */
export interface Exposure {
  readonly program: string;
  readonly accounts: readonly string[];
  readonly sentence: string;
}

export type Verdict =
  | {
      readonly decision: 'allow';
      /** Id of the attestation that opens the key. */
      readonly attestation: string;
      /** What is counted now; empty for a repeat. */
      readonly counted: readonly Count[];
      /** Sequence of the authorization this repeats, or null. */
      readonly repeats: number | null;
      readonly limits: readonly LimitReport[];
      readonly exposure: readonly Exposure[];
    }
  | {
      readonly decision: 'deny';
      /** Every rule that failed, with figures; the first names the refusal. */
      readonly failures: readonly [Failure, ...Failure[]];
      readonly counted: readonly Count[];
      readonly limits: readonly LimitReport[];
      readonly exposure: readonly Exposure[];
    };
