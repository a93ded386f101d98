import { sha256Hex } from '../../src/core/sha256.js';
import type { Policy, KeyPolicy } from '../../src/policy/policy.js';
import type { Question } from '../../src/policy/verdict.js';
import { assess } from '../../src/solana/assess.js';
import type { Assessment } from '../../src/solana/assessment.js';
import { readMessage } from '../../src/solana/read-message.js';
import { NOON } from './policy-state.js';
import { AGENT } from './policy-text.js';

/** The question about real message bytes, read and assessed by the real readers. */
export function questionOf(
  { policy, key }: { readonly policy: Policy; readonly key: KeyPolicy },
  message: Uint8Array,
  changes: Partial<Question> = {},
): Question {
  const assessment: Assessment = assess(readMessage(message), key.context);
  return {
    policy,
    key,
    workload: AGENT,
    assessment,
    messageHash: sha256Hex(message),
    purpose: 'transaction',
    possessed: new Set(),
    now: NOON,
    entryTime: changes.now ?? NOON,
    ...changes,
  };
}
