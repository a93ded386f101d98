import { enrolKey, type VerifyingKey } from '../core/ed25519.js';
import { ChanceryError } from '../core/errors.js';
import { pubkeyBytes } from '../core/pubkey.js';
import type { State } from '../ledger/state.js';
import type { Policy } from '../policy/policy.js';

/**
 * Compiled policies by digest. The ledger says which one is in force; this only saves compiling it again. A
 * policy is added before its entry is appended, so the one in force is always here.
 */
export class Policies {
  readonly #byDigest = new Map<string, Policy>();
  readonly #verifyingKeys = new Map<string, VerifyingKey>();

  constructor(inForce: Policy) {
    this.add(inForce);
  }

  /** Throws POLICY_INVALID when a key is no strict Ed25519 public key. */
  add(policy: Policy): void {
    for (const key of policy.keys.values()) {
      if (this.#verifyingKeys.has(key.address)) continue;
      const enrolled = enrolKey(pubkeyBytes(key.publicKey));
      if (enrolled === null) {
        throw new ChanceryError('POLICY_INVALID', `key ${key.id} has no valid Ed25519 public key`);
      }
      this.#verifyingKeys.set(key.address, enrolled);
    }
    this.#byDigest.set(policy.sha256, policy);
  }

  /** The checked public key of a key of any policy added, by base58 address. */
  verifyingKey(address: string): VerifyingKey {
    const key = this.#verifyingKeys.get(address);
    if (key === undefined) throw new ChanceryError('INTERNAL', 'a signature for a key no policy has');
    return key;
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
