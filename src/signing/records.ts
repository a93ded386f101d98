import { encodeBase64 } from '../core/base64.js';
import type { AuthorizationBody, Counted } from '../ledger/entries.js';
import { effectsOf } from '../policy/explain/effects.js';
import type { KeyPolicy, Policy } from '../policy/policy.js';
import type { Count, Verdict } from '../policy/verdict.js';
import type { Assessment } from '../solana/assessment.js';
import type { Caller } from './caller.js';

function counted(counts: readonly Count[]): Counted[] {
  return counts.map(({ unit, amount }) => ({ amount: amount.toString(), unit }));
}

/** The authorization entry of an allowed request. Its parts hold their keys in order: encodeEntry copies what does not. */
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
    effects: effectsOf(policy, key, assessment),
    fee: assessment.fee.lamports.toString(),
    counted: counted(verdict.counted),
    ...(verdict.repeats === null ? {} : { repeats: String(verdict.repeats) }),
  };
}
