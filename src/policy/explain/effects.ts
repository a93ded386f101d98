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

/** What each instruction does, as plain data; keys in the order of RFC 8785, so that an entry takes it as it is. */
export function effectsOf(policy: Policy, key: KeyPolicy, assessment: Assessment): EffectRecord[] {
  return assessment.instructions.map((report) => effect(policy, key, report));
}

function effect(policy: Policy, key: KeyPolicy, report: InstructionReport): EffectRecord {
  const address = (pubkey: Pubkey): string => (pubkey === key.publicKey ? key.address : toAddress(pubkey));
  const debit = (item: Debit): DebitRecord => {
    const record: Partial<Writable<DebitRecord>> = {
      amount: item.amount.toString(),
      asset: assetName(policy, item.asset),
    };
    if (!isSpend(key, item)) record.counted = false;
    if (item.destination !== null) record.destination = address(item.destination);
    if (item.own) record.own = true;
    record.reason = item.reason;
    record.source = address(item.source);
    return record as DebitRecord;
  };
  const record: Partial<Writable<EffectRecord>> = {};
  if (report.debits.length > 0) record.debits = report.debits.map(debit);
  if (report.inner !== undefined) record.inner = report.inner;
  record.instruction = report.index;
  if (report.name !== null) record.name = report.name;
  record.program = report.programName ?? toAddress(report.program);
  return record as EffectRecord;
}

type Writable<Record> = { -readonly [Field in keyof Record]: Record[Field] };

function assetName(policy: Policy, asset: Asset): string {
  const declared = declaredAsset(policy, asset);
  if (declared !== null) return declared.name;
  return asset.kind === 'sol' ? 'SOL' : `${toAddress(asset.program)}:${toAddress(asset.mint)}`;
}
