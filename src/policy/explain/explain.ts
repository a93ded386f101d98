import { declaredAsset, inquire, isSpend } from '../inquiry.js';
import type { KeyPolicy, Policy } from '../policy.js';
import type { PolicyState } from '../policy-state.js';
import type { Question, Verdict } from '../verdict.js';
import type { Assessment } from '../../solana/assessment.js';
import { adviceFor } from './advice.js';
import { checksOf } from './checks.js';
import { effectsOf } from './effects.js';
import type { Explanation } from './explanation.js';
import { limitText } from './limit-text.js';

/** A verdict for people, with every rule that was asked. `question` and `state` are those of the verdict. */
export function explain(question: Question, state: PolicyState, verdict: Verdict): Explanation {
  const { policy, key, assessment } = question;
  const failures = verdict.decision === 'deny' ? verdict.failures : [];
  const inquiry = inquire(question, state);
  const { repeats } = inquiry;
  return {
    ...transactionFacts(policy, key, assessment),
    decision: verdict.decision,
    failures,
    counted: verdict.counted.map(({ unit, amount }) => ({ unit, amount: amount.toString() })),
    ...(repeats === null ? {} : { repeats: String(repeats) }),
    limits: verdict.limits.map((limit) => ({ rule: limit.rule, ...limitText(limit) })),
    exposure: verdict.exposure,
    checks: checksOf(inquiry),
    advice: adviceFor(
      failures,
      (asset) => policy.assets.get(asset)?.decimals ?? null,
      assessment.fee,
      keptOf(policy, key, assessment),
    ),
  };
}

function keptOf(policy: Policy, key: KeyPolicy, { instructions }: Assessment): ReadonlySet<string> {
  const kept = instructions.flatMap(({ debits }) =>
    debits.filter((debit) => debit.own && isSpend(key, debit)),
  );
  return new Set(kept.flatMap(({ asset }) => declaredAsset(policy, asset)?.name ?? []));
}

type Facts = Pick<
  Explanation,
  'key' | 'publicKey' | 'transaction' | 'effects' | 'fee' | 'feeBound' | 'assets'
>;

/** What the message itself says, whatever a policy decides about it. */
export function transactionFacts(policy: Policy, key: KeyPolicy, assessment: Assessment): Facts {
  const { message, slot, fee, instructions } = assessment;
  const { payer, base, priority, signatures, units, unitsSet, price } = fee;
  return {
    key: key.id,
    publicKey: key.address,
    transaction: {
      version: message.version === 'legacy' ? 'legacy' : message.version === 0 ? 'v0' : 'v1',
      signers: message.signatures,
      slot,
    },
    effects: effectsOf(policy, key, assessment).map((effect, index) => ({
      ...effect,
      details: instructions[index]?.details ?? [],
    })),
    fee: fee.lamports.toString(),
    feeBound: {
      payer,
      base: base.toString(),
      priority: priority.toString(),
      signatures: Number(signatures),
      units: Number(units),
      unitsSet,
      ...(price === null ? {} : { price: price.toString() }),
    },
    assets: [...policy.assets.values()].map(({ name, decimals }) => ({ name, decimals })),
  };
}
