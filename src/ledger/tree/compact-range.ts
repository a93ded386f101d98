import { z } from 'zod';
import { EMPTY_ROOT, HASH_BYTES, nodeHash } from './hash.js';

/** Leaves, and the roots of the full subtrees, largest first, hex. */
export const savedRange = z.strictObject({
  size: z.int().nonnegative(),
  subtrees: z.array(z.hex().length(2 * HASH_BYTES)),
});
export type SavedRange = z.infer<typeof savedRange>;

/**
 * The right edge of an RFC 6962 tree: the roots of its full subtrees, at most one per level, enough to add
 * leaves and to tell the root. One node hash per leaf on average.
 */
export class CompactRange {
  #size = 0;
  /** Largest subtree first. */
  readonly #subtrees: Buffer[] = [];
  #root: Buffer | null = null;

  /** Null when there are not as many subtrees as a tree of that size has. */
  static restore({ size, subtrees }: SavedRange): CompactRange | null {
    let full = 0;
    for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) full += rest % 2;
    if (subtrees.length !== full) return null;
    const range = new CompactRange();
    range.#size = size;
    for (const subtree of subtrees) range.#subtrees.push(Buffer.from(subtree, 'hex'));
    return range;
  }

  save(): SavedRange {
    return { size: this.#size, subtrees: this.#subtrees.map((subtree) => subtree.toString('hex')) };
  }

  get size(): number {
    return this.#size;
  }

  append(leaf: Buffer): void {
    let subtree = leaf;
    // Each trailing one bit of the old size is a full subtree that the new leaf completes into a larger one.
    for (let rest = this.#size; rest % 2 === 1; rest = (rest - 1) / 2) {
      const left = this.#subtrees.pop();
      if (left === undefined) throw new RangeError('compact range lost a subtree');
      subtree = nodeHash(left, subtree);
    }
    this.#subtrees.push(subtree);
    this.#size += 1;
    this.#root = null;
  }

  root(): Buffer {
    this.#root ??= this.#computeRoot();
    return this.#root;
  }

  #computeRoot(): Buffer {
    let root: Buffer | null = null;
    for (let index = this.#subtrees.length - 1; index >= 0; index--) {
      const subtree = this.#subtrees[index];
      if (subtree === undefined) break;
      root = root === null ? subtree : nodeHash(subtree, root);
    }
    return root ?? EMPTY_ROOT;
  }
}
