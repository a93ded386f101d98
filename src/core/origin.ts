import { sha256Hex } from './sha256.js';

/** A signer's name, as chosen at `init`. */
const NAME = '[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?';
const ORIGIN = new RegExp(`^chancery\\.local/${NAME}/[0-9a-f]{16}$`);

/**
 * The origin of a ledger, which is the name of its signer in every statement:
 * `chancery.local/<name>/<first 16 hex digits of SHA-256(ledger public key)>`. The key is in the name, so that a
 * statement for one signer can never be good for another of the same name. `publicKey` is the raw 32 bytes.
 */
export function originOf(name: string, publicKey: Uint8Array): string {
  return `chancery.local/${name}/${sha256Hex(publicKey).slice(0, 16)}`;
}

/** The name inside an origin; null when the text is not one. */
export function originName(origin: string): string | null {
  return ORIGIN.test(origin) ? (origin.split('/')[1] ?? null) : null;
}

/** Whether a name can stand in an origin: 1 to 32 lower-case letters, digits and inner dashes. */
export function isSignerName(name: string): boolean {
  return new RegExp(`^${NAME}$`).test(name);
}
