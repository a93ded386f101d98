import { toAddress, type Pubkey } from '../core/pubkey.js';
import type { Asset, Assessment, Debit } from '../solana/assessment.js';
import { mintId } from '../solana/key-context.js';
import { NATIVE_MINT } from '../solana/native-mint.js';
import { PROGRAM_IDS } from '../solana/program-names.js';
import { talliesOf, type Tallies } from './limits-of.js';
import type { AssetPolicy, KeyPolicy, Policy } from './policy.js';
import type { PolicyState } from './policy-state.js';
import { TRANSACTIONS_UNIT, type Payment, type Request } from './tally.js';
import type { Question } from './verdict.js';

/** Unit of the meter that counts fees by themselves, in lamports. */
const FEE_UNIT = 'fee';

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
  /** What would be counted, by unit: declared assets in base units (fees are in SOL), `fee`, `transactions`. */
  readonly amounts: ReadonlyMap<string, bigint>;
  /** Where every limit and rate stands. */
  readonly tallies: Tallies;
  /** Sequence of the authorization these bytes repeat, or null. A repeat passes every check except counting. */
  readonly repeats: number | null;
}

export function inquire(question: Question, state: PolicyState): Inquiry {
  const { policy, key, assessment, workload, purpose, messageHash, now, entryTime } = question;
  const request = requestOf(policy, key, assessment, workload);
  return {
    question,
    policy,
    key,
    assessment,
    state,
    now,
    path: `keys.${key.id}`,
    amounts: request.amounts,
    tallies: talliesOf(key, state, entryTime, request),
    repeats: state.repeats(key.address, workload, purpose, messageHash, entryTime),
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
function requestOf(policy: Policy, key: KeyPolicy, assessment: Assessment, workload: string): Request {
  const amounts = new Map<string, bigint>();
  const payments: Payment[] = [];
  const add = (unit: string, amount: bigint): void => {
    if (amount > 0n) amounts.set(unit, (amounts.get(unit) ?? 0n) + amount);
  };
  for (const { debits } of assessment.instructions) {
    for (const debit of debits) {
      const asset = declaredAsset(policy, debit.asset);
      // An undeclared asset has no unit to count in; the asset rule refuses it.
      if (asset === null || !isSpend(key, debit)) continue;
      add(asset.name, debit.amount);
      const { destination, amount } = debit;
      if (destination !== null) payments.push({ unit: asset.name, destination, amount });
    }
  }
  add('SOL', assessment.fee.lamports);
  add(FEE_UNIT, assessment.fee.lamports);
  add(TRANSACTIONS_UNIT, 1n);
  return { amounts, payments, addressOf: addresses(), workload };
}

function addresses(): Request['addressOf'] {
  const known = new Map<Pubkey, string>();
  return (pubkey) => {
    let address = known.get(pubkey);
    if (address === undefined) known.set(pubkey, (address = toAddress(pubkey)));
    return address;
  };
}
