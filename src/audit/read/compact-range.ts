import { hash } from 'node:crypto';

/** Called with the root of each perfect subtree as it is completed: 2^level leaves, the last of which just came. */
export type Completed = (level: number, root: Buffer) => void;

/**
 * The right edge of an RFC 6962 tree (section 2.1), enough to extend it and to give its root: one hash for each
 * bit set in the size. Written apart from the ledger's own tree on purpose: two pieces of code must agree.
 */
export class CompactRange {
  #size = 0;
  /** Roots of the perfect subtrees, largest first. */
  readonly #peaks: Buffer[] = [];
  readonly #node = Buffer.alloc(65, 0x01);

  get size(): number {
    return this.#size;
  }

  /** `leaf` is the leaf hash, SHA-256(0x00 ‖ entry): 32 bytes. */
  append(leaf: Buffer, completed?: Completed): void {
    let right = leaf;
    let level = 0;
    completed?.(level, right);
    // Each trailing one bit of the size is a subtree as large as the one just completed.
    for (let bits = this.#size; bits % 2 === 1; bits = Math.floor(bits / 2)) {
      const left = this.#peaks.pop();
      if (left === undefined) throw new RangeError('a compact range lost a peak');
      right = this.#join(left, right);
      level += 1;
      completed?.(level, right);
    }
    this.#peaks.push(right);
    this.#size += 1;
  }

  /** 32 bytes; SHA-256 of nothing for the empty tree. */
  root(): Buffer {
    return this.rootOf(this.#peaks);
  }

  /** What `rootOf` needs to give today's root later. */
  edge(): readonly Buffer[] {
    return this.#peaks.slice();
  }

  rootOf(edge: readonly Buffer[]): Buffer {
    let root: Buffer | null = null;
    for (let index = edge.length - 1; index >= 0; index--) {
      const peak = edge[index];
      if (peak !== undefined) root = root === null ? peak : this.#join(peak, root);
    }
    return root ?? hash('sha256', Buffer.alloc(0), 'buffer');
  }

  #join(left: Buffer, right: Buffer): Buffer {
    left.copy(this.#node, 1);
    right.copy(this.#node, 33);
    return hash('sha256', this.#node, 'buffer');
  }
}
