import { ChanceryError } from '../core/errors.js';
import { sha256Hex } from '../core/sha256.js';
import type { State } from '../ledger/state.js';
import { decide } from '../policy/decide.js';
import type { KeyPolicy, Policy } from '../policy/policy.js';
import type { Question, Times, Verdict } from '../policy/verdict.js';
import { assess } from '../solana/assess.js';
import type { Assessment } from '../solana/assessment.js';
import type { Message } from '../solana/message.js';
import type { Caller } from './caller.js';

export interface Judgement {
  readonly policy: Policy;
  readonly key: KeyPolicy;
  readonly assessment: Assessment;
  readonly question: Question;
  readonly verdict: Verdict;
}

/**
 * Judges a message under a policy and a state. Pure, and the same function for both questions: `signTransaction`
 * asks inside the ledger's transaction, `explainTransaction` on the state as it is, reserving nothing.
 */
export function judge(
  policy: Policy,
  key: KeyPolicy,
  caller: Caller,
  message: Message,
  state: State,
  times: Times,
): Judgement {
  const assessment = assess(message, key.context);
  const { workload, possessed } = caller;
  const messageHash = sha256Hex(message.bytes);
  const question: Question = {
    policy,
    key,
    workload,
    assessment,
    messageHash,
    purpose: 'transaction',
    possessed,
    ...times,
  };
  return { policy, key, assessment, question, verdict: decide(question, state) };
}

/** A key this workload may know of. UNKNOWN_KEY for any other: a refusal must not tell which names exist. */
export function knownKey(policy: Policy, workload: string, id: string): KeyPolicy {
  const key = policy.keys.get(id);
  if (key !== undefined && key.role !== 'ledger' && key.workloads.has(workload)) return key;
  throw new ChanceryError('UNKNOWN_KEY', 'no such key for this workload', {
    hint: 'listKeys shows the keys this workload may use; the policy grants them',
  });
}
