import { ChanceryError } from '../core/errors.js';
import { parseAddress, pubkeyAt, toAddress } from '../core/pubkey.js';
import { parseVerifierKey } from './check/note.js';

/** A ledger key that the reader knows from elsewhere than the ledger itself. */
export interface PinnedKey {
  /** Base58. */
  readonly publicKey: string;
  /** Null when only the key was given. */
  readonly origin: string | null;
}

/** A base58 ledger key, or a C2SP verifier key `<origin>+<8 hex>+<base64>`. Throws USAGE. */
export function parsePinnedKey(text: string): PinnedKey {
  const verifier = parseVerifierKey(text);
  if (verifier !== null) {
    return { publicKey: toAddress(pubkeyAt(verifier.key.bytes)), origin: verifier.name };
  }
  const pubkey = parseAddress(text);
  if (pubkey !== null) return { publicKey: text, origin: null };
  throw new ChanceryError('USAGE', 'a ledger key is base58 or <origin>+<8 hex>+<base64>');
}

/** Why the genesis is not that of a pinned key; null when it is, or when none is pinned. */
export function pinFault(pins: readonly PinnedKey[], origin: string, publicKey: string): string | null {
  if (pins.length === 0) return null;
  const fits = pins.some(
    (pin) => pin.publicKey === publicKey && (pin.origin === null || pin.origin === origin),
  );
  return fits ? null : `the ledger is ${origin} with key ${publicKey}, which is not the one asked for`;
}
