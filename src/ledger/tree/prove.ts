import { ChanceryError } from '../../core/errors.js';
import { EMPTY_ROOT, nodeHash } from './hash.js';
import { consistencyRanges, inclusionRanges, subtreesOf, type Range, type Subtree } from './subtrees.js';

/** Where hashes of full subtrees come from: tiles, or memory. */
export interface TreeReader {
  read(subtrees: readonly Subtree[]): Promise<readonly Uint8Array[]>;
}

/** Root of the first `size` leaves. */
export async function treeRoot(reader: TreeReader, size: number): Promise<Buffer> {
  const [root] = await rangeHashes(reader, [{ from: 0, to: size }]);
  return root ?? EMPTY_ROOT;
}

/** Siblings from the leaf up. Throws INTERNAL when the tree of `size` leaves has no such leaf. */
export function proveInclusion(reader: TreeReader, index: number, size: number): Promise<readonly Buffer[]> {
  if (index >= size) return Promise.reject(outside());
  return rangeHashes(reader, inclusionRanges(index, size));
}

/** Throws INTERNAL unless 0 < old ≤ size. */
export function proveConsistency(reader: TreeReader, old: number, size: number): Promise<readonly Buffer[]> {
  if (old === 0 || old > size) return Promise.reject(outside());
  return rangeHashes(reader, consistencyRanges(old, size));
}

function outside(): ChanceryError {
  return new ChanceryError('INTERNAL', 'there is no such proof in a tree of this size');
}

async function rangeHashes(reader: TreeReader, ranges: readonly Range[]): Promise<readonly Buffer[]> {
  const perRange = ranges.map(subtreesOf);
  const hashes = await reader.read(perRange.flat());
  let next = 0;
  return perRange.map((subtrees) => {
    const own = hashes.slice(next, (next += subtrees.length));
    const joined = own.reduceRight<Buffer | null>(
      (right, left) => (right === null ? Buffer.from(left) : nodeHash(left, right)),
      null,
    );
    return joined ?? EMPTY_ROOT;
  });
}
