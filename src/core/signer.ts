import type { ChanceryError } from './errors.js';
import type { Pubkey } from './pubkey.js';

/** Where signatures come from. The signing path knows only this; hsm/ implements it over PKCS#11. */
export interface Signer {
  /**
   * Signs exactly these bytes (Ed25519, pure) with the key and resolves to the 64-byte signature, unverified:
   * the caller MUST verify it against the pinned public key before it goes anywhere.
   *
   * `dispatch` is called once, synchronously, just before the bytes leave for the token; when it throws, the
   * token is never asked and the promise rejects with that error. Rejects with HSM_UNAVAILABLE when the token
   * fails, hangs or dies; a token may have signed before it failed.
   */
  sign(request: SignRequest): Promise<Uint8Array>;
}

/** What a signer may know beforehand. */
export interface Readiness {
  /**
   * HSM_UNAVAILABLE when a request for this key would wait in vain, as far as is known now; null when it
   * is worth authorizing. An authorization counts against the limits for good, whether the token signs or not.
   */
  stops(key: Pubkey): ChanceryError | null;
}

export interface SignRequest {
  /** Not its id: when a new policy comes into force, a request of the one before may still wait, and an id may change keys. */
  readonly key: Pubkey;
  readonly message: Uint8Array;
  /** `high` overtakes waiting `normal` requests of any key on the token (votes, checkpoints). */
  readonly priority: 'normal' | 'high';
  /** Whom it is for: a workload that shares a key with another must not have to wait for all that the other asked. */
  readonly workload?: string | undefined;
  readonly dispatch: () => void;
}
