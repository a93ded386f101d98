import type { CompactRange } from '../read/compact-range.js';
import { problem, type Problem } from '../read/damage.js';
import type { Checkpoint } from './checkpoint.js';

/** A checkpoint to be met on the way, and where it came from. */
export interface Expected {
  /** File name in the ledger's directory, or path of a retained one. */
  readonly source: string;
  readonly checkpoint: Checkpoint;
  /** The signed note, whole. */
  readonly bytes: Uint8Array;
}

/** Compares the tree with each signed checkpoint when it has grown to its size. */
export class CheckpointCheck {
  /** Smallest first. */
  readonly #expected: Expected[];
  #met = 0;
  #metSize = 0;

  constructor(expected: readonly Expected[]) {
    this.#expected = [...expected].sort((left, right) => left.checkpoint.size - right.checkpoint.size);
  }

  /** Checkpoints whose root is this ledger's. */
  get met(): number {
    return this.#met;
  }

  /** Entries of the largest of them. */
  get metSize(): number {
    return this.#metSize;
  }

  /** Call at size 0 and after every entry. */
  see(tree: CompactRange, report: (problem: Problem) => void): void {
    for (let next = this.#expected[0]; next?.checkpoint.size === tree.size; next = this.#expected[0]) {
      this.#expected.shift();
      const root = tree.root().toString('base64');
      if (root === next.checkpoint.root) {
        this.#met += 1;
        this.#metSize = tree.size;
      } else {
        const size = String(tree.size);
        report(
          problem(
            'checkpoint',
            `at size ${size} the root is ${root}, ${next.source} signed ${next.checkpoint.root}`,
          ),
        );
      }
    }
  }

  /** The ledger ended at `size`: what was signed and is not there. */
  finish(size: number, report: (problem: Problem) => void): void {
    for (const { source, checkpoint } of this.#expected) {
      const message = `the ledger has ${String(size)} entries, ${source} was signed with ${String(checkpoint.size)}`;
      report(problem('checkpoint', message));
    }
  }
}
