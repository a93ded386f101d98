import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { ChanceryError } from '../../core/errors.js';

/** 64 numbers of at most 3 digits, separators, and room for blanks. */
const MAX_BYTES = 2048;
const KEYPAIR_BYTES = 64;

/**
 * Reads a Solana keypair file (`solana-keygen`: a JSON array of 64 integers, the 32-byte seed and then the public
 * key) into a buffer that the caller MUST wipe. Throws FILE_UNREADABLE, PERMISSION_UNSAFE.
 */
export function readKeypairFile(path: string): Buffer {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    throw new ChanceryError('FILE_UNREADABLE', `cannot read the keypair file ${path}`, { cause: error });
  }
  const buffer = Buffer.alloc(MAX_BYTES);
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new ChanceryError('FILE_UNREADABLE', `${path} is no regular file`);
    if ((stat.mode & 0o077) !== 0) {
      throw new ChanceryError('PERMISSION_UNSAFE', `the keypair file ${path} can be read by others`, {
        hint: 'a key that others could read is theirs too: generate a new one and move the funds',
      });
    }
    const length = readSync(file, buffer, 0, buffer.length, 0);
    const keypair = length === MAX_BYTES ? null : parseKeypair(buffer.subarray(0, length));
    if (keypair !== null) return keypair;
    throw new ChanceryError(
      'FILE_UNREADABLE',
      `${path} is no Solana keypair: a JSON array of 64 integers from 0 to 255`,
      { hint: 'give the file that `solana-keygen` wrote' },
    );
  } finally {
    buffer.fill(0);
    closeSync(file);
  }
}

const BLANKS = new Set([0x20, 0x09, 0x0a, 0x0d]);

/**
 * Parsed by hand, byte by byte: JSON.parse would leave the key in a string and an array of numbers that cannot be
 * wiped. Null for anything but exactly 64 canonical integers from 0 to 255.
 */
export function parseKeypair(bytes: Uint8Array): Buffer | null {
  const keypair = Buffer.alloc(KEYPAIR_BYTES);
  let at = 0;
  const skipBlanks = (): void => {
    while (BLANKS.has(bytes[at] ?? -1)) at += 1;
  };
  const take = (byte: number): boolean => {
    skipBlanks();
    if (bytes[at] !== byte) return false;
    at += 1;
    return true;
  };
  const takeInteger = (): number | null => {
    skipBlanks();
    const start = at;
    let value = 0;
    for (let digit = digitAt(bytes, at); digit !== null && at - start < 3; digit = digitAt(bytes, at)) {
      value = value * 10 + digit;
      at += 1;
    }
    const leadingZero = at - start > 1 && bytes[start] === 0x30;
    return at === start || leadingZero || value > 255 ? null : value;
  };
  const refused = (): null => {
    keypair.fill(0);
    return null;
  };
  if (!take(0x5b)) return refused();
  for (let index = 0; index < KEYPAIR_BYTES; index++) {
    if (index > 0 && !take(0x2c)) return refused();
    const value = takeInteger();
    if (value === null) return refused();
    keypair[index] = value;
  }
  if (!take(0x5d)) return refused();
  skipBlanks();
  return at === bytes.length ? keypair : refused();
}

function digitAt(bytes: Uint8Array, at: number): number | null {
  const byte = bytes[at];
  return byte !== undefined && byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : null;
}
