import type { CompactRange } from '../read/compact-range.js';
import type { Step } from '../read/walk.js';
import type { SeenStatement } from './statement-check.js';

/** A signer gives out the first head of each ten seconds, and those made on purpose (genesis, tick). */
const SPACING_MS = 10_000;
const KEPT = 65_536;
/** While a rollback waits to be accepted nothing is written but the outcomes of what was in flight, and freezes. */
const RECENT = 1024;

interface Head {
  /** Base64. */
  readonly root: string;
  /** Milliseconds of the last entry below it. */
  readonly time: number;
}

/**
 * Heads of this ledger that statements name. Each is a root under the Sovereign's signature: whoever writes the
 * entries before it anew cannot make it fit again, even with the ledger key.
 */
export class StatementHeads {
  /** Those given out, by size, oldest first. */
  readonly #kept = new Map<number, Head>();
  readonly #recent = new Map<number, readonly Buffer[]>();
  #slot = -1;
  /** Milliseconds of the last entry. */
  #time = 0;

  /** After the entry has been appended to the tree. */
  see({ entry, time }: Step, tree: CompactRange): void {
    const { size } = tree;
    this.#time = time;
    this.#recent.set(size, tree.edge());
    this.#recent.delete(size - RECENT);
    const slot = Math.floor(time / SPACING_MS);
    if (slot === this.#slot && entry.type !== 'tick' && entry.type !== 'genesis') return;
    this.#slot = slot;
    this.#kept.set(size, { root: tree.root().toString('base64'), time });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT && oldest !== undefined) this.#kept.delete(oldest);
  }

  /** Before its entry is appended: what is wrong with the head it names; null when nothing is, or it names none. */
  fault(statement: SeenStatement, tree: CompactRange): string | null {
    const named = headOf(statement);
    if (named === null) return null;
    const edge = this.#recent.get(named.size);
    const root = edge === undefined ? this.#kept.get(named.size)?.root : tree.rootOf(edge).toString('base64');
    if (root === named.root) return null;
    const head = `the head of ${String(named.size)} entries it names`;
    return root === undefined ? `${head} is none this ledger gave out` : `${head} is not that of this ledger`;
  }

  /**
   * Milliseconds since when whoever issued an attestation must have seen this ledger, before its entry is appended;
   * null when it names neither a head that was given out nor the very newest one, which stands in the checkpoint of
   * a ledger at rest and is as good until an entry follows.
   */
  challengedAt(statement: SeenStatement, tree: CompactRange): number | null {
    const named = headOf(statement);
    if (named === null) return null;
    const newest =
      named.size === tree.size ? { root: tree.root().toString('base64'), time: this.#time } : null;
    const given = newest ?? this.#kept.get(named.size);
    return given?.root === named.root ? given.time : null;
  }
}

function headOf(statement: SeenStatement): { readonly size: number; readonly root: string } | null {
  if (statement?.kind === 'accept-rollback') return statement.payload;
  return statement?.kind === 'attestation' ? (statement.payload.ledger ?? null) : null;
}
