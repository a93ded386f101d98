import { EMPTY_ROOT, nodeHash } from './hash.js';

/**
 * The right edge of an RFC 6962 tree: the roots of its full subtrees, at most one per level, enough to add
 * leaves and to tell the root. One node hash per leaf on average.
 */
export class CompactRange {
  #size = 0;
  /** Largest subtree first. */
  readonly #subtrees: Buffer[] = [];
  #root: Buffer | null = null;

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
