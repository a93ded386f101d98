import type { Entry } from '../../ledger/entries.js';
import type { CompactRange } from '../read/compact-range.js';
import { problem, type Problem } from '../read/damage.js';
import type { Checkpoint } from './checkpoint.js';

/** A checkpoint to be met on the way, and where it came from. */
export interface Expected {
  /** File name in the ledger's directory, or path of a retained one. */
  readonly source: string;
  /** Whether it stands beside the ledger, whatever its name. */
  readonly beside: boolean;
  readonly checkpoint: Checkpoint;
  /** The signed note, whole. */
  readonly bytes: Uint8Array;
}

/** A checkpoint that this ledger contradicts, until it is known whether that was accepted. */
interface Unmet {
  readonly expected: Expected;
  readonly message: string;
  readonly report: (problem: Problem) => void;
}

/** Compares the tree with each signed checkpoint when it has grown to its size. */
export class CheckpointCheck {
  /** Smallest first. */
  readonly #expected: Expected[];
  readonly #unmet: Unmet[] = [];
  readonly #voided: Expected[] = [];
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

  /** Those beside the ledger that are of a history which an accepted rollback gave up. Known once settled. */
  get voided(): readonly Expected[] {
    return this.#voided;
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
        const message = `at size ${size} the root is ${root}, ${next.source} signed ${next.checkpoint.root}`;
        this.#unmet.push({ expected: next, message, report });
      }
    }
  }

  /** The ledger ended at `size`: what was signed and is not there. */
  finish(size: number, report: (problem: Problem) => void): void {
    for (const expected of this.#expected) {
      const { source, checkpoint } = expected;
      const message = `the ledger has ${String(size)} entries, ${source} was signed with ${String(checkpoint.size)}`;
      this.#unmet.push({ expected, message, report });
    }
  }

  /**
   * Reports what is not met, once all rollbacks are known: `givenUp` has the sequence of the one that names a
   * checkpoint, by `voidedName`. A note that is left beside the ledger from then is no damage. One that was kept
   * elsewhere stays damage: whoever kept it asks whether those entries are there.
   */
  settle(givenUp: ReadonlyMap<string, number>): void {
    for (const { expected, message, report } of this.#unmet.splice(0)) {
      const by = givenUp.get(voidedName(expected.checkpoint));
      if (by !== undefined && expected.beside) this.#voided.push(expected);
      else {
        const why = by === undefined ? '' : `: given up by the rollback accepted in entry ${String(by)}`;
        report(problem('checkpoint', message + why));
      }
    }
  }
}

/** The checkpoints, by `voidedName`, that an entry gives up: those that an accepted rollback names. */
export function givenUpBy(entry: Entry): string[] {
  if (entry.type !== 'statement' || entry.kind !== 'accept-rollback') return [];
  return (entry.voided ?? []).map(voidedName);
}

/** Size and root, as an accepted rollback names the checkpoints that contradicted the ledger. */
export function voidedName({
  size,
  root,
}: {
  readonly size: number | string;
  readonly root: string;
}): string {
  return `${String(size)} ${root}`;
}
