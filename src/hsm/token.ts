import type { ChanceryError } from '../core/errors.js';
import type { Signer } from '../core/signer.js';
import type { KeyReport } from './key-report.js';
import type { TokenIdentity } from './token-options.js';

/**
 * `ready`: signs. `restarting`: the host died or hangs; requests wait up to their deadline. `latched`: only an
 * operator can help, by correcting what the events say and starting the daemon again. `closed`: by `close`.
 */
export type TokenState = 'ready' | 'restarting' | 'latched' | 'closed';

/** Small data objects on a token, which outlive the process; not every token takes them. */
export interface DataObjects {
  /** Values of the objects of this name. Throws HSM_UNAVAILABLE. */
  readObjects(name: string): Promise<readonly Uint8Array[]>;
  /**
   * Puts an object with this value there and takes the others of its name away: there is never none. Signing waits
   * meanwhile: 3 to 6 ms on SoftHSM. Throws HSM_UNAVAILABLE.
   */
  replaceObjects(name: string, value: Uint8Array): Promise<void>;
}

/** A token whose keys were found, judged and proved. Signatures it returns are NOT verified (see Signer). */
export interface Token extends Signer, DataObjects {
  readonly name: string;
  /** What the token said of itself at the last start of its host; always equal to what is pinned. */
  readonly identity: TokenIdentity;
  /** Of the module's file, hex: belongs in the ledger's `start` entry. */
  readonly moduleSha256: string;
  readonly state: TokenState;
  /** Why it does not sign, in a sentence; null when ready. */
  readonly trouble: string | null;
  /**
   * HSM_UNAVAILABLE while only an operator can help, and from a restart that failed, or takes longer than a request
   * waits, to one that succeeds.
   */
  stops(): ChanceryError | null;
  /** Process id of the host; null while there is none. */
  readonly hostPid: number | null;
  /** Requests that wait, and requests that the host works on. */
  readonly load: { readonly waiting: number; readonly inFlight: number };
  /** Trust checks of every key, waived ones included. */
  report(): readonly KeyReport[];
  /** Fails what waits, lets the host finish what it has begun, and resolves when the host is gone. */
  close(): Promise<void>;
}
