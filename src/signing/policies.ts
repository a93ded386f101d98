import { ChanceryError } from '../core/errors.js';
import type { State } from '../ledger/state.js';
import type { Policy } from '../policy/policy.js';

/**
 * Compiled policies by digest. The ledger says which one is in force; this only saves compiling it again. A
 * policy is added before its entry is appended, so the one in force is always here.
 */
export class Policies {
  readonly #byDigest = new Map<string, Policy>();

  add(policy: Policy): void {
    this.#byDigest.set(policy.sha256, policy);
  }

  /** The policy the ledger names as in force. Throws POLICY_NOT_IN_FORCE when it was never loaded. */
  inForce(state: State): Policy {
    const policy = state.policy === null ? undefined : this.#byDigest.get(state.policy.sha256);
    if (policy === undefined) {
      throw new ChanceryError('POLICY_NOT_IN_FORCE', 'the policy in force is not loaded');
    }
    return policy;
  }
}
