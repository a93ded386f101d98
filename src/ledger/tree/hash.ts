import { hash } from 'node:crypto';

/** RFC 6962 section 2.1: a prefix byte keeps a leaf, whose own is 0x00 (`entryHash`), from being taken for a node. */
const NODE_PREFIX = 0x01;

export const HASH_BYTES = 32;

/** Root of the tree without leaves: SHA-256 of nothing. */
export const EMPTY_ROOT: Buffer = hash('sha256', '', 'buffer');

export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  const prefixed = Buffer.allocUnsafe(1 + left.length + right.length);
  prefixed[0] = NODE_PREFIX;
  prefixed.set(left, 1);
  prefixed.set(right, 1 + left.length);
  return hash('sha256', prefixed, 'buffer');
}
