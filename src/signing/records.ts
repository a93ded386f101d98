import { encodeBase64 } from '../core/base64.js';
import { toAddress, type Pubkey } from '../core/pubkey.js';
import type { AuthorizationBody, Counted } from '../ledger/entries.js';
import type { KeyPolicy, Policy } from '../policy/policy.js';
import type { Count, Verdict } from '../policy/verdict.js';
import type { Assessment, Asset, Debit, InstructionReport } from '../solana/assessment.js';
import type { Caller } from './caller.js';

/** The policy's name for an asset; program and mint when it declares none. */
export function assetName(policy: Policy, asset: Asset): string {
  if (asset.kind === 'sol') return 'SOL';
  for (const declared of policy.assets.values()) {
    if (declared.token?.mint === asset.mint && declared.token.program === asset.program) return declared.name;
  }
  return `${toAddress(asset.program)}:${toAddress(asset.mint)}`;
}

/** One debit as it stands in an entry: names, base58, decimal base units. */
type DebitRecord = {
  readonly asset: string;
  readonly amount: string;
  readonly reason: string;
  readonly source: string;
  readonly destination?: string;
  readonly own?: true;
};

/** One instruction as it stands in an entry. A type, not an interface: entries hold plain JSON. */
type EffectRecord = {
  readonly instruction: number;
  readonly inner?: number;
  readonly program: string;
  readonly name?: string;
  readonly debits?: DebitRecord[];
};

function effect(policy: Policy, key: KeyPolicy, report: InstructionReport): EffectRecord {
  const address = (pubkey: Pubkey): string => (pubkey === key.publicKey ? key.address : toAddress(pubkey));
  const debit = (item: Debit): DebitRecord => ({
    asset: assetName(policy, item.asset),
    amount: item.amount.toString(),
    reason: item.reason,
    source: address(item.source),
    ...(item.destination === null ? {} : { destination: address(item.destination) }),
    ...(item.own ? { own: true as const } : {}),
  });
  return {
    instruction: report.index,
    ...(report.inner === undefined ? {} : { inner: report.inner }),
    program: report.programName ?? toAddress(report.program),
    ...(report.name === null ? {} : { name: report.name }),
    ...(report.debits.length === 0 ? {} : { debits: report.debits.map(debit) }),
  };
}

/** What each instruction does, as it stands in the authorization entry. */
export function effects(policy: Policy, key: KeyPolicy, assessment: Assessment): EffectRecord[] {
  return assessment.instructions.map((report) => effect(policy, key, report));
}

export function counted(counts: readonly Count[]): Counted[] {
  return counts.map(({ unit, amount }) => ({ unit, amount: amount.toString() }));
}

/** The authorization entry of an allowed request. */
export function authorizationBody(
  request: string,
  policy: Policy,
  key: KeyPolicy,
  caller: Caller,
  assessment: Assessment,
  verdict: Verdict & { decision: 'allow' },
): AuthorizationBody {
  return {
    type: 'authorization',
    request,
    purpose: 'transaction',
    key: key.id,
    publicKey: key.address,
    message: encodeBase64(assessment.message.bytes),
    workload: caller.workload,
    peer: caller.peer,
    attestation: verdict.attestation,
    policy: policy.sha256,
    effects: effects(policy, key, assessment),
    fee: assessment.fee.lamports.toString(),
    counted: counted(verdict.counted),
    ...(verdict.repeats === null ? {} : { repeats: String(verdict.repeats) }),
  };
}
