import { enrolKey, type VerifyingKey } from '../core/ed25519.js';
import { ChanceryError } from '../core/errors.js';
import { parseAddress, pubkeyBytes } from '../core/pubkey.js';

/** What to do where an id has come to mean another key. */
export const ANOTHER_KEY =
  'compare it with `chancery keys list`; a rotated key needs a new connection, and its address in `expect` or `publicKey` where they name one';

/** Public keys by the id a caller uses, fixed at first use: a daemon cannot give an id another key later. */
export class PinnedKeys {
  readonly #keys = new Map<string, { readonly address: string; readonly key: VerifyingKey }>();

  /** Pins an address under an id, or compares. Throws KEY_UNTRUSTED when it is no key, or another than before. */
  pin(id: string, address: string): VerifyingKey {
    const known = this.#keys.get(id);
    if (known === undefined) {
      const key = enrol(id, address);
      this.#keys.set(id, { address, key });
      return key;
    }
    if (known.address !== address) {
      throw new ChanceryError(
        'KEY_UNTRUSTED',
        `key ${JSON.stringify(id)} is expected to be ${known.address}, not ${JSON.stringify(address.slice(0, 64))}`,
        { hint: ANOTHER_KEY },
      );
    }
    return known.key;
  }

  get(id: string): VerifyingKey | null {
    return this.#keys.get(id)?.key ?? null;
  }
}

function enrol(id: string, address: string): VerifyingKey {
  const pubkey = parseAddress(address);
  const key = pubkey === null ? null : enrolKey(pubkeyBytes(pubkey));
  if (key === null) {
    throw new ChanceryError(
      'KEY_UNTRUSTED',
      `the public key of ${JSON.stringify(id)} is not a sound Ed25519 key`,
      {
        hint: 'give the base58 public key of the wallet',
      },
    );
  }
  return key;
}
