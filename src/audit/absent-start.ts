import type { CheckpointFile } from './check/expected-checkpoints.js';
import { pinnedLedger, type KnownLedger } from './check/ledger-key.js';
import type { PinnedKey } from './pinned-keys.js';
import { problem, type Damage, type Problem } from './read/damage.js';
import type { Segment } from './read/segments.js';
import { leavesFromTiles } from './read/tiles.js';
import type { Step } from './read/walk.js';
import type { Absent } from './verify-report.js';

/** What takes the policy in force, its authorities, attestations and uses: the fold of all entries before. */
const UNCHECKED = ['genesis', 'statement', 'authority', 'counted'];

/**
 * The beginning of a ledger whose segments are nowhere. What is there can still be tied to it: the tiles hold the
 * hashes of the entries that are not there, and a checkpoint of the (pinned) ledger key that covers entries on both
 * sides vouches for all of them together. Tiles alone, which anybody can make, tie nothing.
 */
export class AbsentStart {
  /** Whose ledger it is, if a pinned key and a checkpoint say so. */
  readonly ledger: KnownLedger | null;
  readonly #segment: Segment;
  readonly #directory: string;
  #lastLeaf: Buffer | null = null;

  constructor(
    segment: Segment,
    directory: string,
    pins: readonly PinnedKey[],
    checkpoints: readonly CheckpointFile[],
  ) {
    this.#segment = segment;
    this.#directory = directory;
    this.ledger = pinnedLedger(pins, checkpoints);
  }

  /** Sequence of the first entry there is. */
  get first(): number {
    return this.#segment.first;
  }

  get place(): Pick<Damage, 'sequence' | 'file' | 'offset'> {
    return { sequence: 0, file: this.#segment.name, offset: 0 };
  }

  get report(): Absent {
    return { entries: this.first, until: this.#segment.name, unchecked: UNCHECKED };
  }

  /** Leaf hashes of the absent entries, as far as tiles hold them. Throws FILE_UNREADABLE. */
  async *leaves(): AsyncGenerator<readonly Buffer[], void, void> {
    for await (const leaves of leavesFromTiles(this.#directory, this.first)) {
      this.#lastLeaf = leaves.at(-1) ?? null;
      yield leaves;
    }
  }

  /** Whether the first entry there is names the last one that is not. */
  joins({ entry }: Step, report: (problem: Problem) => void): void {
    if (entry.previous === this.#lastLeaf?.toString('hex')) return;
    report(problem('chain', 'previous is not the hash that the tiles have of the entry before'));
  }

  nothingTies(): Damage {
    return this.#damage('no checkpoint of a ledger key that was given ties this one to them');
  }

  /** Null when the tiles held all the hashes. */
  notCovered(size: number): Damage | null {
    return size === this.first ? null : this.#damage(`the tiles that stand for them end at ${String(size)}`);
  }

  /** `met`: entries of the largest checkpoint whose root is that of this tree. */
  untied(met: number): Damage | null {
    return met > this.first ? null : this.#damage('no checkpoint that covers them and this one holds');
  }

  #damage(why: string): Damage {
    return { ...this.place, kind: 'segment', message: `the segments before this one are absent, and ${why}` };
  }
}
