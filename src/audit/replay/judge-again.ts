import { hash } from 'node:crypto';
import { decodeBase64 } from '../../core/base64.js';
import type { JsonValue } from '../../core/canonical-json.js';
import { ChanceryError, type Failure } from '../../core/errors.js';
import { decide } from '../../policy/decide.js';
import { effectsOf } from '../../policy/explain/effects.js';
import type { Policy } from '../../policy/policy.js';
import type { PolicyState } from '../../policy/policy-state.js';
import type { Times, Verdict } from '../../policy/verdict.js';
import { assess } from '../../solana/assess.js';
import { readMessage } from '../../solana/read-message.js';

/** What was asked, as an entry records it. */
export interface Asked {
  readonly key: string;
  readonly workload: string;
  /** Base64. */
  readonly message: string;
  readonly purpose: 'transaction' | 'vote';
}

export type Judged =
  | {
      readonly decision: 'allow';
      readonly verdict: Verdict & { decision: 'allow' };
      readonly fee: bigint;
      /** As the entry would hold them under this policy. */
      readonly effects: () => readonly JsonValue[];
    }
  | { readonly decision: 'deny'; readonly failures: readonly Failure[] };

/** `possessed`: keys (base58) that the connection is taken to have proved, which the ledger does not say. */
type Question = Asked & { readonly possessed: ReadonlySet<string> };

/** Decides again, with today's code. */
export function judgeAgain(asked: Question, policy: Policy, state: PolicyState, times: Times): Judged {
  const key = policy.keys.get(asked.key);
  if (key === undefined) return deny({ code: 'UNKNOWN_KEY', message: `the policy has no key ${asked.key}` });
  const bytes = decodeBase64(asked.message);
  if (bytes === null) return deny({ code: 'MALFORMED_TRANSACTION', message: 'the message is not base64' });
  try {
    const assessment = assess(readMessage(bytes), key.context);
    const messageHash = hash('sha256', bytes);
    const { workload, purpose, possessed } = asked;
    const question = { policy, key, workload, assessment, messageHash, purpose, possessed, ...times };
    const verdict = decide(question, state);
    return verdict.decision === 'deny'
      ? { decision: 'deny', failures: verdict.failures }
      : {
          decision: 'allow',
          verdict,
          fee: assessment.fee.lamports,
          effects: () => effectsOf(policy, key, assessment),
        };
  } catch (error) {
    if (!(error instanceof ChanceryError)) throw error;
    return { decision: 'deny', failures: error.failures };
  }
}

function deny(failure: Failure): Judged {
  return { decision: 'deny', failures: [failure] };
}
