import { ChanceryError } from '../../../src/core/errors.js';
import { pubkeyBytes, type Pubkey } from '../../../src/core/pubkey.js';
import { assess } from '../../../src/solana/assess.js';
import type { Assessment, Asset, KeyContext } from '../../../src/solana/assessment.js';
import { readTransaction } from '../../../src/solana/read-transaction.js';
import type { Scenario, StepResult, VmAccount } from '../solana-svm.js';
import { chainFee } from './chain-fee.js';
import { unnamedReceiver } from './receiver.js';
import { holdings, type Holdings } from './value.js';
import type { World } from './world.js';

/** A scenario with what the signer would have counted for each of its transactions. */
export interface Prepared {
  readonly seed: number;
  readonly world: World;
  readonly watch: readonly Pubkey[];
  readonly steps: readonly { readonly wire: Buffer; readonly assessment: Assessment }[];
}

/** What the signer would say, or null when it would not sign. */
export function judged(wire: Uint8Array, context: KeyContext): Assessment | null {
  try {
    const assessment = assess(readTransaction(wire).message, context);
    const refused =
      assessment.refusals.length > 0 || assessment.instructions.some((report) => report.refusals.length > 0);
    return refused ? null : assessment;
  } catch (error) {
    if (error instanceof ChanceryError && error.code === 'MALFORMED_TRANSACTION') return null;
    throw error;
  }
}

export function toScenario(prepared: Prepared): Scenario {
  return {
    accounts: prepared.watch.flatMap((address) => {
      const account = prepared.world.accounts.get(address);
      return account === undefined ? [] : [{ address: pubkeyBytes(address), ...account }];
    }),
    steps: prepared.steps.map((step) => step.wire),
    watch: prepared.watch.map((address) => pubkeyBytes(address)),
  };
}

const unitOf = (asset: Asset): string => (asset.kind === 'sol' ? 'SOL' : `${asset.program}:${asset.mint}`);

/** What is counted for one transaction by unit, fees apart; `strangers` leaves out what reaches nobody else. */
function count(assessment: Assessment, trusted: boolean, strangers: boolean): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const debit of assessment.instructions.flatMap((report) => report.debits)) {
    if (trusted && debit.own) continue;
    if (strangers && debit.destination === null) continue;
    const unit = unitOf(debit.asset);
    sums.set(unit, (sums.get(unit) ?? 0n) + debit.amount);
  }
  return sums;
}

export type Rule =
  /** More left the key than was counted. */
  | 'counted'
  /** Lamports said to reach nobody else (destination null) are not the key's any more. */
  | 'strangers'
  /** Somebody gained by the key's loss whom no debit names. */
  | 'receiver'
  /** The chain's fee is above the bound, or another than the oracle of this test says. */
  | 'fee';

export interface Undercount {
  readonly step: number;
  readonly unit: string;
  readonly lost: bigint;
  readonly counted: bigint;
  readonly rule: Rule;
}

/** Compares, after every step, what the key has really lost since the start with what was counted until then. */
export function compare(prepared: Prepared, results: readonly StepResult[]): Undercount | null {
  const { world } = prepared;
  const { key } = world.cast;
  const before = holdings(world.cast.owner, world.accounts);
  const counted = new Map<string, bigint>();
  const strangers = new Map<string, bigint>();
  const accounts = new Map<Pubkey, VmAccount | null>(world.accounts);
  for (const [step, result] of results.entries()) {
    const assessment = prepared.steps[step]?.assessment;
    if (assessment === undefined) throw new RangeError('a result without a step');
    const fee = assessment.fee.payer ? chainFee(assessment.message) : 0n;
    if (fee > assessment.fee.lamports) {
      return { step, unit: 'SOL', lost: fee, counted: assessment.fee.lamports, rule: 'fee' };
    }
    const had = accounts.get(key)?.lamports ?? 0n;
    merge(counted, new Map([['SOL', fee]]));
    merge(strangers, new Map([['SOL', fee]]));
    if (result.ok) {
      merge(counted, count(assessment, world.trusted, false));
      merge(strangers, count(assessment, world.trusted, true));
    }
    const { watch } = prepared;
    const earlier = watch.map((address) => accounts.get(address) ?? null);
    watch.forEach((address, index) => {
      accounts.set(address, result.accounts[index] ?? null);
    });
    const unnamed = result.ok
      ? unnamedReceiver(world.cast, assessment, watch, earlier, result.accounts)
      : null;
    if (unnamed !== null) return { step, ...unnamed, counted: 0n, rule: 'receiver' };
    if (!result.ok) {
      const paid = had - (accounts.get(key)?.lamports ?? 0n);
      // Some failures come before any fee is taken.
      if (paid !== fee && paid !== 0n) return { step, unit: 'SOL', lost: paid, counted: fee, rule: 'fee' };
    }
    const after = holdings(world.cast.owner, accounts);
    const found =
      shortfall(before, after, counted, step, 'counted') ??
      shortfall(before, after, strangers, step, 'strangers');
    if (found !== null) return found;
  }
  return null;
}

function merge(into: Map<string, bigint>, from: ReadonlyMap<string, bigint>): void {
  for (const [unit, amount] of from) into.set(unit, (into.get(unit) ?? 0n) + amount);
}

export function shortfall(
  before: Holdings,
  after: Holdings,
  counted: ReadonlyMap<string, bigint>,
  step: number,
  rule: Rule,
): Undercount | null {
  for (const [unit, had] of before) {
    const lost = had - (after.get(unit) ?? 0n);
    const allowed = counted.get(unit) ?? 0n;
    if (lost > allowed) return { step, unit, lost, counted: allowed, rule };
  }
  return null;
}
