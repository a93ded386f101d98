import bs58 from 'bs58';

/** Base58 of any bytes (signatures: 64 bytes). */
export function encodeBase58(bytes: Uint8Array): string {
  return bs58.encode(bytes);
}

/** Null when the text is not base58 or longer than a 64-byte signature can be. */
export function decodeBase58(text: string): Uint8Array | null {
  // The decoder is quadratic: the bound keeps a long string from costing time.
  if (text.length > 90) return null;
  return bs58.decodeUnsafe(text) ?? null;
}
