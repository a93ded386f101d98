import bs58 from 'bs58';

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const ZERO = ALPHABET.charAt(0);

/** Bytes are read as 16-bit limbs, and digits made five at a time. */
const LIMB_BITS = 16n;
const GROUP = 58 ** 5;
const GROUP_BITS = Math.log2(GROUP);
/** Of the longest value there is: a signature of 64 bytes. */
const MOST_BYTES = 64;
const MOST_GROUPS = Math.ceil((8 * MOST_BYTES) / GROUP_BITS);

/**
 * Groups of every power of a limb, least first: row n is 2^(16·n) in base 58⁵. A product of limb and group has at most
 * 46 bits and a column adds 32 of them: below 2⁵³, where numbers are exact.
 */
const POWERS: readonly Float64Array[] = Array.from({ length: MOST_BYTES / 2 }, (_, power) => {
  const groups: number[] = [];
  for (let rest = 1n << (LIMB_BITS * BigInt(power)); rest > 0n; rest /= BigInt(GROUP)) {
    groups.push(Number(rest % BigInt(GROUP)));
  }
  return Float64Array.from(groups);
});

/** Sums of one call, which is synchronous: memory that is new at each call would cost more than the sums. */
const scratch = new Float64Array(MOST_GROUPS);

/** Two digits each, so that a group takes three steps. */
const PAIRS: readonly string[] = Array.from(ALPHABET).flatMap((high) =>
  Array.from(ALPHABET, (low) => high + low),
);
const PAIR = 58 ** 2;

/**
 * Base58 of at most 64 bytes (addresses: 32, signatures: 64), longer ones by the library. Own code for this direction
 * only, since every answer and every entry has some: the library divides all bytes once a digit, this multiplies by a
 * table and carries once.
 */
export function encodeBase58(bytes: Uint8Array): string {
  if (bytes.length > MOST_BYTES) return bs58.encode(bytes);
  let zeros = 0;
  while (zeros < bytes.length && bytes[zeros] === 0) zeros++;
  const count = Math.ceil((8 * bytes.length) / GROUP_BITS);
  addLimbs(bytes, count);
  const text = carriedText(count);
  let padding = 0;
  while (text.startsWith(ZERO, padding)) padding++;
  return ZERO.repeat(zeros) + text.slice(padding);
}

/** What is in a group may still belong to the next. */
function addLimbs(bytes: Uint8Array, count: number): void {
  scratch.fill(0, 0, count);
  for (let power = 0, low = bytes.length - 1; low >= 0; power++, low -= 2) {
    const limb = (bytes[low - 1] ?? 0) * 256 + (bytes[low] ?? 0);
    const row = POWERS[power];
    if (row === undefined) break;
    for (let index = 0; index < row.length; index++) {
      scratch[index] = (scratch[index] ?? 0) + limb * (row[index] ?? 0);
    }
  }
}

/** All digits of all groups, leading zeros included. */
function carriedText(count: number): string {
  let text = '';
  let carry = 0;
  for (let index = 0; index < count; index++) {
    const sum = (scratch[index] ?? 0) + carry;
    carry = Math.floor(sum / GROUP);
    const group = sum - carry * GROUP;
    const upper = Math.floor(group / PAIR);
    const high = Math.floor(upper / PAIR);
    text =
      ALPHABET.charAt(high) + (PAIRS[upper - high * PAIR] ?? '') + (PAIRS[group - upper * PAIR] ?? '') + text;
  }
  return text;
}

/** Null when the text is not base58 or longer than a 64-byte signature can be. */
export function decodeBase58(text: string): Uint8Array | null {
  // The decoder is quadratic: the bound keeps a long string from costing time.
  if (text.length > 90) return null;
  return bs58.decodeUnsafe(text) ?? null;
}
