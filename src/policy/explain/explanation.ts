import type { Failure } from '../../core/errors.js';
import type { Exposure } from '../verdict.js';
import type { DebitRecord, EffectRecord } from './effects.js';

/**
 * What a transaction does for one key, what it can cost and what the policy says, as plain data: the answer of
 * `explainTransaction`, the answer offline, and what an entry of the ledger says are all read by the same
 * `explanationText`. Amounts are decimal strings in base units; texts of the transaction are unescaped.
 */
export interface Explanation {
  /** `signed`: a ledger entry says so; no rule was asked again. */
  readonly decision: 'allow' | 'deny' | 'signed';
  /** The policy's id of the key, and its address. */
  readonly key: string;
  readonly publicKey: string;
  readonly transaction: TransactionShape;
  /** Every rule that failed, with figures; the first names the refusal. */
  readonly failures: readonly ExplainedFailure[];
  readonly effects: readonly ExplainedEffect[];
  /** The most the key can pay in fees, lamports. */
  readonly fee: string;
  readonly feeBound: FeeParts;
  /** What it adds to the meters; empty for a repeat. */
  readonly counted: readonly { readonly unit: string; readonly amount: string }[];
  /** Sequence of the authorization these bytes repeat. */
  readonly repeats?: string | undefined;
  readonly limits: readonly ExplainedLimit[];
  readonly exposure: readonly Exposure[];
  /** Every rule that was asked, in order. */
  readonly checks: readonly CheckReport[];
  /** What to change, one sentence each. */
  readonly advice: readonly string[];
  /** Decimals of every asset that may be named above. */
  readonly assets: readonly { readonly name: string; readonly decimals: number }[];
  /** What was taken for granted, when nobody could be asked. */
  readonly assumed?: readonly string[] | undefined;
}

/** A failure, read from the wire or made here. */
export type ExplainedFailure = {
  readonly [Field in Exclude<keyof Failure, 'code' | 'message'>]?: Failure[Field] | undefined;
} & { readonly code: string; readonly message: string };

export interface TransactionShape {
  /** `legacy`, `v0`, `v1`. */
  readonly version: string;
  readonly signers: number;
  /** The signer slot of the key, from 0; null when it is no signer. */
  readonly slot: number | null;
}

/** Why the fee can be as high as it is counted. Lamports, decimal. */
export interface FeeParts {
  readonly payer: boolean;
  readonly base: string;
  readonly priority: string;
  readonly signatures: number;
  readonly units: number;
  readonly unitsSet: boolean;
  /** Micro-lamports a compute unit, decimal; absent for v1. */
  readonly price?: string | undefined;
}

export type ExplainedEffect = Omit<EffectRecord, 'debits' | 'inner' | 'name'> & {
  readonly inner?: number | undefined;
  readonly name?: string | undefined;
  readonly debits?: readonly ExplainedDebit[] | undefined;
  readonly details?: readonly (readonly [string, string])[] | undefined;
};

export type ExplainedDebit = Omit<DebitRecord, 'destination' | 'own' | 'counted'> & {
  readonly destination?: string | undefined;
  readonly own?: boolean | undefined;
  readonly counted?: boolean | undefined;
};

export interface ExplainedLimit {
  readonly rule?: string | undefined;
  readonly asset: string;
  /** The one destination or workload it is about; absent when it is the whole key's. */
  readonly destination?: string | undefined;
  readonly workload?: string | undefined;
  readonly window: string;
  readonly max: string;
  readonly spent: string;
  readonly remaining: string;
}

/** One rule: its path in the policy (or what it is about), and what it found. */
export interface CheckReport {
  readonly rule: string;
  readonly passed: boolean;
  readonly sentence: string;
}
