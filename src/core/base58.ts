import bs58 from 'bs58';

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
/** Six digits at a time: 58⁶ times a 16-bit limb stays below 2⁵³, where numbers are exact. */
const CHUNK_DIGITS = 6;
const CHUNK = 58 ** CHUNK_DIGITS;
const LIMB = 0x1_0000;

/**
 * Base58 of any bytes (addresses: 32, signatures: 64). Own code for this direction only, since every answer and every
 * entry has some: the library goes digit by digit over all bytes and takes two and a half times as long.
 */
export function encodeBase58(bytes: Uint8Array): string {
  let zeros = 0;
  while (zeros < bytes.length && bytes[zeros] === 0) zeros++;
  const limbs = limbsOf(bytes);
  let text = '';
  for (let first = 0; first < limbs.length;) {
    let rest = 0;
    for (let index = first; index < limbs.length; index++) {
      const value = rest * LIMB + (limbs[index] ?? 0);
      const quotient = Math.floor(value / CHUNK);
      limbs[index] = quotient;
      rest = value - quotient * CHUNK;
    }
    while (first < limbs.length && limbs[first] === 0) first++;
    text = digits(rest, first < limbs.length) + text;
  }
  return ALPHABET.charAt(0).repeat(zeros) + text;
}

/** Big-endian 16-bit limbs, without leading zeros. */
function limbsOf(bytes: Uint8Array): number[] {
  const limbs: number[] = [];
  const odd = bytes.length % 2;
  if (odd === 1 && bytes[0] !== 0) limbs.push(bytes[0] ?? 0);
  for (let index = odd; index < bytes.length; index += 2) {
    const limb = (bytes[index] ?? 0) * 256 + (bytes[index + 1] ?? 0);
    if (limb !== 0 || limbs.length > 0) limbs.push(limb);
  }
  return limbs;
}

/** The digits of one chunk; all six when more stand before them. */
function digits(chunk: number, full: boolean): string {
  let text = '';
  for (let rest = chunk; rest > 0 || (full && text.length < CHUNK_DIGITS);) {
    const quotient = Math.floor(rest / 58);
    text = ALPHABET.charAt(rest - quotient * 58) + text;
    rest = quotient;
  }
  return text;
}

/** Null when the text is not base58 or longer than a 64-byte signature can be. */
export function decodeBase58(text: string): Uint8Array | null {
  // The decoder is quadratic: the bound keeps a long string from costing time.
  if (text.length > 90) return null;
  return bs58.decodeUnsafe(text) ?? null;
}
