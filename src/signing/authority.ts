import { ChanceryError } from '../core/errors.js';
import type { KeyPolicy } from '../policy/policy.js';
import type { Caller } from './caller.js';
import type { Path } from './path.js';

/** Longest an authorization may wait for the token, in milliseconds. */
export const DISPATCH_DEADLINE_MS = 5000;

/** What an authorization rests on, checked again at dispatch and before the reply. */
export interface Grant {
  readonly key: KeyPolicy;
  readonly caller: Caller;
  /** Attestation id. */
  readonly attestation: string;
}

/**
 * Whether the authority that allowed a request still holds: the clock, the caller's life, freezes, retirement, the
 * attestation's expiry and revocation, the policy's grant. Null when it does. A freeze that lands while a request waits
 * for the token stops it here; one that lands while the token signs withholds the signature. What the transaction does
 * is not judged again: it was counted under the policy of its decision.
 *
 * The executable is not asked again: it was at the decision, and a process that becomes another program afterwards
 * could have handed over the signature as well.
 */
export function authorityLost(
  { key, caller, attestation: id }: Grant,
  { ledger: { state }, policies, clock }: Pick<Path, 'ledger' | 'policies' | 'clock'>,
): ChanceryError | null {
  const changed = caller.alive();
  if (changed !== null) return changed;
  const jumped = clock.check(state.time);
  if (jumped !== null) return jumped;
  const freeze = state.frozen(key.address);
  if (freeze !== null) {
    return new ChanceryError('KEY_FROZEN', `key ${key.id} was frozen: ${JSON.stringify(freeze.reason)}`);
  }
  if (state.latched(key.address)) {
    return new ChanceryError('HSM_UNAVAILABLE', `key ${key.id} is latched after a faulty signature`);
  }
  if (state.retired(key.address)) return new ChanceryError('KEY_RETIRED', `key ${key.id} is retired`);
  const attestation = state.attestation(id);
  if (attestation === null || attestation.revoked !== null) {
    return new ChanceryError('ATTESTATION_REVOKED', 'the attestation was revoked while the request waited');
  }
  if (state.workloadRevoked(caller.workload, attestation.issuedAt)) {
    return new ChanceryError('ATTESTATION_REVOKED', 'the workload was revoked while the request waited');
  }
  const policy = policies.inForce(state);
  if (attestation.epoch !== policy.sovereign.epoch) {
    return new ChanceryError('ATTESTATION_REVOKED', 'a new epoch began while the request waited');
  }
  const now = policy.keys.get(key.id);
  if (now?.workloads.has(caller.workload) !== true) {
    return new ChanceryError('KEY_NOT_GRANTED', `key ${key.id} was taken from the workload by a new policy`);
  }
  if (now.address !== key.address) {
    return new ChanceryError('KEY_NOT_GRANTED', `key ${key.id} became another key while the request waited`, {
      hint: 'the new one needs an attestation of its own; connect anew and build the transaction for it',
    });
  }
  if (clock.latest() >= attestation.expiresAt) {
    return new ChanceryError('ATTESTATION_EXPIRED', 'the attestation expired while the request waited');
  }
  return null;
}
