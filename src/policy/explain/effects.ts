import { toAddress, type Pubkey } from '../../core/pubkey.js';
import type { Assessment, Asset, Debit, InstructionReport } from '../../solana/assessment.js';
import { declaredAsset, isSpend } from '../inquiry.js';
import type { KeyPolicy, Policy } from '../policy.js';

/** One debit as plain data: names, base58, decimal base units. */
export type DebitRecord = {
  /** The policy's name; `program:mint` when it declares none. */
  readonly asset: string;
  readonly amount: string;
  readonly reason: string;
  readonly source: string;
  readonly destination?: string;
  readonly own?: true;
  /** False on what is no spend (`isSpend`): absent, the amount is in the sums and in its destination's. */
  readonly counted?: false;
};

/** One instruction as it stands in an entry. A type, not an interface: entries hold plain JSON. */
export type EffectRecord = {
  readonly instruction: number;
  readonly inner?: number;
  readonly program: string;
  readonly name?: string;
  readonly debits?: DebitRecord[];
};

/** What each instruction does, as plain data. */
export function effectsOf(policy: Policy, key: KeyPolicy, assessment: Assessment): EffectRecord[] {
  return assessment.instructions.map((report) => effect(policy, key, report));
}

function effect(policy: Policy, key: KeyPolicy, report: InstructionReport): EffectRecord {
  const address = (pubkey: Pubkey): string => (pubkey === key.publicKey ? key.address : toAddress(pubkey));
  const debit = (item: Debit): DebitRecord => ({
    asset: assetName(policy, item.asset),
    amount: item.amount.toString(),
    reason: item.reason,
    source: address(item.source),
    ...(item.destination === null ? {} : { destination: address(item.destination) }),
    ...(item.own ? { own: true as const } : {}),
    ...(isSpend(key, item) ? {} : { counted: false as const }),
  });
  return {
    instruction: report.index,
    ...(report.inner === undefined ? {} : { inner: report.inner }),
    program: report.programName ?? toAddress(report.program),
    ...(report.name === null ? {} : { name: report.name }),
    ...(report.debits.length === 0 ? {} : { debits: report.debits.map(debit) }),
  };
}

function assetName(policy: Policy, asset: Asset): string {
  const declared = declaredAsset(policy, asset);
  if (declared !== null) return declared.name;
  return asset.kind === 'sol' ? 'SOL' : `${toAddress(asset.program)}:${toAddress(asset.mint)}`;
}
