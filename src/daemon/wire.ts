import type { SignerMethods } from '../protocol/signer-methods.js';
import type { ResultOf } from '../protocol/method.js';
import type { LimitReport } from '../policy/verdict.js';
import { counted, effects } from '../signing/records.js';
import type { Judgement } from '../signing/judge.js';

/** A limit as clients see it: base units as decimal strings. */
export function wireLimit(
  report: LimitReport,
): Record<'asset' | 'window' | 'max' | 'spent' | 'remaining', string> {
  const { asset, window, max, spent, remaining } = report;
  return {
    asset,
    window,
    max: max.toString(),
    spent: spent.toString(),
    remaining: remaining.toString(),
  };
}

/** The answer of `explainTransaction`. */
export function wireJudgement(judgement: Judgement): ResultOf<SignerMethods['explainTransaction']> {
  const { policy, key, assessment, verdict } = judgement;
  const { instructions } = assessment;
  return {
    decision: verdict.decision,
    failures: verdict.decision === 'deny' ? [...verdict.failures] : [],
    effects: effects(policy, key, assessment).map((effect, index) => ({
      ...effect,
      details: (instructions[index]?.details ?? []).map(([name, value]): [string, string] => [name, value]),
    })),
    fee: assessment.fee.lamports.toString(),
    counted: counted(verdict.counted).map((count) => ({ ...count })),
    limits: verdict.limits.map(wireLimit),
    exposure: verdict.exposure.map((item) => ({ ...item, accounts: [...item.accounts] })),
  };
}
