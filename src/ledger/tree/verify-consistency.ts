import { HASH_BYTES, nodeHash } from './hash.js';
import { half, isSize } from './verify-inclusion.js';

export interface Consistency {
  readonly oldSize: number;
  readonly newSize: number;
  readonly oldRoot: Uint8Array;
  readonly newRoot: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/**
 * Whether the proof shows that the new tree only appended to the old one (RFC 9162 section 2.1.4.2). False for
 * an old size of 0: an empty tree has one root, and a proof from it would show nothing.
 */
export function verifyConsistency({ oldSize, newSize, oldRoot, newRoot, proof }: Consistency): boolean {
  if (!isSize(oldSize) || !isSize(newSize) || oldSize === 0 || oldSize > newSize) return false;
  if (oldSize === newSize) return proof.length === 0 && Buffer.from(oldRoot).equals(newRoot);
  if (![oldRoot, newRoot, ...proof].every((hash) => hash.length === HASH_BYTES)) return false;
  let position = oldSize - 1;
  let last = newSize - 1;
  while (position % 2 === 1) {
    position = half(position);
    last = half(last);
  }
  // An old tree that is one full subtree is its own first node.
  const [first, ...rest] = position === 0 ? [oldRoot, ...proof] : proof;
  if (first === undefined) return false;
  let computedOld: Buffer = Buffer.from(first);
  let computedNew = computedOld;
  for (const sibling of rest) {
    if (last === 0) return false;
    if (position % 2 === 1 || position === last) {
      computedOld = nodeHash(sibling, computedOld);
      computedNew = nodeHash(sibling, computedNew);
      while (position % 2 === 0 && position !== 0) {
        position = half(position);
        last = half(last);
      }
    } else {
      computedNew = nodeHash(computedNew, sibling);
    }
    position = half(position);
    last = half(last);
  }
  return last === 0 && computedOld.equals(oldRoot) && computedNew.equals(newRoot);
}
