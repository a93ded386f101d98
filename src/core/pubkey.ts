import bs58 from 'bs58';
import { encodeBase58 } from './base58.js';
import type { Brand } from './brand.js';

/**
 * A 32-byte public key or account address as 64 lower-case hex digits. Hex, not base58, because a message holds
 * dozens of them and base58 costs 4 µs each: people and files see base58, comparisons and map keys use this.
 */
export type Pubkey = Brand<string, 'Pubkey'>;

/** The same key in base58, for people, files and the wire. */
export type Address = Brand<string, 'Address'>;

export const PUBKEY_BYTES = 32;

/** Reads 32 bytes at `offset`; the caller has checked the bounds. */
export function pubkeyAt(bytes: Uint8Array, offset = 0): Pubkey {
  return Buffer.from(bytes.buffer, bytes.byteOffset + offset, PUBKEY_BYTES).toString('hex') as Pubkey;
}

/** The 32 bytes of a key. */
export function pubkeyBytes(pubkey: Pubkey): Uint8Array {
  return Buffer.from(pubkey, 'hex');
}

/** Base58 text to a key; null when it is not the canonical base58 of exactly 32 bytes. */
export function parseAddress(text: string): Pubkey | null {
  if (text.length < 32 || text.length > 44) return null;
  const bytes = bs58.decodeUnsafe(text);
  if (bytes?.length !== PUBKEY_BYTES) return null;
  return pubkeyAt(bytes);
}

export function toAddress(pubkey: Pubkey): Address {
  return encodeBase58(pubkeyBytes(pubkey)) as Address;
}

/** A constant known at build time; throws on a typing mistake in our own source. */
export function wellKnown(address: string): Pubkey {
  const pubkey = parseAddress(address);
  if (pubkey === null) throw new TypeError(`not a base58 public key: ${address}`);
  return pubkey;
}
