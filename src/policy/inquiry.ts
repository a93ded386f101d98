import type { Asset, Assessment, Debit } from '../solana/assessment.js';
import { mintId } from '../solana/key-context.js';
import { NATIVE_MINT } from '../solana/native-mint.js';
import { PROGRAM_IDS } from '../solana/program-names.js';
import type { AssetPolicy, KeyPolicy, Policy } from './policy.js';
import type { PolicyState } from './policy-state.js';
import type { Question } from './verdict.js';

/** Meter units that are no assets. */
export const FEE_UNIT = 'fee';
export const TRANSACTIONS_UNIT = 'transactions';

/** A question with what every rule needs of it, worked out once. */
export interface Inquiry {
  readonly question: Question;
  readonly policy: Policy;
  readonly key: KeyPolicy;
  readonly assessment: Assessment;
  readonly state: PolicyState;
  readonly now: number;
  /** `keys.<id>`, where rule paths begin. */
  readonly path: string;
  /** What would be spent, by declared asset name, in base units; fees are in SOL. */
  readonly amounts: ReadonlyMap<string, bigint>;
  /** Sequence of the authorization these bytes repeat, or null. A repeat passes every check except counting. */
  readonly repeats: number | null;
}

export function inquire(question: Question, state: PolicyState): Inquiry {
  const { policy, key, assessment, workload, purpose, messageHash, now } = question;
  return {
    question,
    policy,
    key,
    assessment,
    state,
    now,
    path: `keys.${key.id}`,
    amounts: spentAmounts(policy, key, assessment),
    repeats: state.repeats(key.address, workload, purpose, messageHash, now),
  };
}

/** The policy's asset for an on-chain one; null when it declares none. Wrapped SOL is SOL. */
export function declaredAsset(policy: Policy, asset: Asset): AssetPolicy | null {
  const native = asset.kind === 'sol' || (asset.mint === NATIVE_MINT && asset.program === PROGRAM_IDS.token);
  const found = native ? policy.assets.get('SOL') : policy.mints.get(mintId(asset.program, asset.mint));
  return found ?? null;
}

/**
 * Whether a debit is spend. A move to an account derived for the key still is, unless the Sovereign gave its
 * word (`trusted`): the account may have a foreign owner or close authority by now.
 */
export function isSpend(key: KeyPolicy, debit: Debit): boolean {
  return !(debit.own && key.ownAccounts === 'trusted');
}

/** Sums per asset, never across assets; every debit of the transaction is in exactly one of them. */
function spentAmounts(policy: Policy, key: KeyPolicy, assessment: Assessment): ReadonlyMap<string, bigint> {
  const amounts = new Map<string, bigint>();
  const add = (unit: string, amount: bigint): void => {
    amounts.set(unit, (amounts.get(unit) ?? 0n) + amount);
  };
  if (assessment.fee.lamports > 0n) add('SOL', assessment.fee.lamports);
  for (const { debits } of assessment.instructions) {
    for (const debit of debits) {
      const asset = declaredAsset(policy, debit.asset);
      // An undeclared asset has no unit to count in; the asset rule refuses it.
      if (asset !== null && isSpend(key, debit)) add(asset.name, debit.amount);
    }
  }
  return amounts;
}
