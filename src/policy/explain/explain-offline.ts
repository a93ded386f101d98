import { ChanceryError } from '../../core/errors.js';
import { quote } from '../../core/schema.js';
import { sha256Hex } from '../../core/sha256.js';
import { assess } from '../../solana/assess.js';
import { readTransaction } from '../../solana/read-transaction.js';
import { decide } from '../decide.js';
import type { Policy } from '../policy.js';
import type { Question } from '../verdict.js';
import { ASSUMED, ASSUMED_POSSESSION, blankState } from './blank-state.js';
import { explain } from './explain.js';
import type { Explanation } from './explanation.js';

export interface OfflineQuestion {
  /** Key id in the policy. */
  readonly key: string;
  /** The wire transaction. */
  readonly transaction: Uint8Array;
  /** Who would ask; the first workload of the key when absent. */
  readonly workload?: string | undefined;
  /** Milliseconds: for the hours of the key. */
  readonly now: number;
}

/**
 * Judges a transaction by a policy alone, as if nothing had been spent and an attestation opened the key; the
 * answer says so. Throws USAGE when the policy has no such key, MALFORMED_TRANSACTION.
 */
export function explainOffline(policy: Policy, asked: OfflineQuestion): Explanation {
  const key = policy.keys.get(asked.key);
  if (key === undefined) {
    throw new ChanceryError('USAGE', `the policy has no key ${quote(asked.key)}`, {
      hint: `its keys: ${[...policy.keys.keys()].join(', ')}`,
    });
  }
  const { message } = readTransaction(asked.transaction);
  const { now } = asked;
  const [first] = key.workloads;
  const workload = asked.workload ?? first ?? '';
  const question: Question = {
    policy,
    key,
    workload,
    assessment: assess(message, key.context),
    messageHash: sha256Hex(message.bytes),
    purpose: 'transaction',
    possessed: new Set([ASSUMED_POSSESSION]),
    now,
    entryTime: now,
  };
  const state = blankState(key, workload, policy.sovereign.epoch, now);
  return { ...explain(question, state, decide(question, state)), assumed: ASSUMED };
}
