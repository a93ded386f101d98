import type { SignerMethods } from '../protocol/signer-methods.js';
import type { ResultOf } from '../protocol/method.js';
import type { Explanation } from '../policy/explain/explanation.js';

/** The answer of `explainTransaction`: what people read, as data. */
export function wireExplanation(explanation: Explanation): ResultOf<SignerMethods['explainTransaction']> {
  const { decision, failures, effects, exposure, checks, counted, limits, advice, assets } = explanation;
  return {
    ...explanation,
    // Nothing is signed by asking.
    decision: decision === 'allow' ? 'allow' : 'deny',
    failures: [...failures],
    effects: effects.map(({ debits, details, ...effect }) => ({
      ...effect,
      ...(debits === undefined ? {} : { debits: [...debits] }),
      details: (details ?? []).map(([name, value]): [string, string] => [name, value]),
    })),
    counted: [...counted],
    limits: [...limits],
    exposure: exposure.map(({ program, sentence, accounts }) => ({
      program,
      sentence,
      accounts: [...accounts],
    })),
    checks: [...checks],
    advice: [...advice],
    assets: [...assets],
  };
}
