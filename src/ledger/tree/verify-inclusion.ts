import { HASH_BYTES, nodeHash } from './hash.js';

export interface Inclusion {
  /** Of the leaf, from 0. */
  readonly index: number;
  /** Leaves of the tree. */
  readonly size: number;
  readonly leaf: Uint8Array;
  readonly root: Uint8Array;
  /** Siblings from the leaf up. */
  readonly proof: readonly Uint8Array[];
}

/** Whether the proof shows that the leaf is in the tree with this root (RFC 9162 section 2.1.3.2). */
export function verifyInclusion({ index, size, leaf, root, proof }: Inclusion): boolean {
  if (!isSize(index) || !isSize(size) || index >= size) return false;
  if (![leaf, root, ...proof].every((hash) => hash.length === HASH_BYTES)) return false;
  let position = index;
  let last = size - 1;
  let computed: Buffer = Buffer.from(leaf);
  for (const sibling of proof) {
    if (last === 0) return false;
    if (position % 2 === 1 || position === last) {
      computed = nodeHash(sibling, computed);
      while (position % 2 === 0 && position !== 0) {
        position = half(position);
        last = half(last);
      }
    } else {
      computed = nodeHash(computed, sibling);
    }
    position = half(position);
    last = half(last);
  }
  return last === 0 && computed.equals(root);
}

/** Sizes are numbers, not 32-bit integers: shifting would lose the upper half. */
export function half(value: number): number {
  return Math.floor(value / 2);
}

export function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
