import bs58 from 'bs58';

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const ZERO = ALPHABET.charAt(0);
const ZERO_CODE = ZERO.charCodeAt(0);

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

const DIGITS_PER_GROUP = 5;
/** Its text, as ASCII. */
const digits = Buffer.alloc(MOST_GROUPS * DIGITS_PER_GROUP);

/** ASCII of two digits each, so that a group takes three steps. */
const HIGH = Buffer.from(Array.from(ALPHABET, (digit) => digit.repeat(ALPHABET.length)).join(''));
const LOW = Buffer.from(ALPHABET.repeat(ALPHABET.length));
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
  writeDigits(count);
  const end = count * DIGITS_PER_GROUP;
  let start = 0;
  while (start < end && digits[start] === ZERO_CODE) start++;
  return ZERO.repeat(zeros) + digits.toString('latin1', start, end);
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
function writeDigits(count: number): void {
  let carry = 0;
  for (let index = 0, at = count * DIGITS_PER_GROUP - 1; index < count; index++, at -= DIGITS_PER_GROUP) {
    const sum = (scratch[index] ?? 0) + carry;
    carry = Math.floor(sum / GROUP);
    const group = sum - carry * GROUP;
    const upper = Math.floor(group / PAIR);
    const low = group - upper * PAIR;
    const high = Math.floor(upper / PAIR);
    const middle = upper - high * PAIR;
    digits[at] = LOW[low] ?? 0;
    digits[at - 1] = HIGH[low] ?? 0;
    digits[at - 2] = LOW[middle] ?? 0;
    digits[at - 3] = HIGH[middle] ?? 0;
    digits[at - 4] = LOW[high] ?? 0;
  }
}

/** Null when the text is not base58 or longer than a 64-byte signature can be. */
export function decodeBase58(text: string): Uint8Array | null {
  // The decoder is quadratic: the bound keeps a long string from costing time.
  if (text.length > 90) return null;
  return bs58.decodeUnsafe(text) ?? null;
}
