import type { EntryType } from '../../ledger/entries.js';
import type { Policy } from '../../policy/policy.js';
import { CompactRange } from '../read/compact-range.js';
import type { Damage, Problem } from '../read/damage.js';
import type { Step } from '../read/walk.js';
import { authorityProblems } from './authority-check.js';
import { CheckpointCheck, type Expected } from './checkpoint-check.js';
import { CountedCheck } from './counted-check.js';
import { OutcomeCheck } from './outcome-check.js';
import type { SignatureQueue } from './signature-queue.js';
import { StatementCheck } from './statement-check.js';
import { Warrants } from './warrants.js';

/** Later ones are counted, not kept. */
const KEPT_DAMAGES = 100;

/** Everything that is checked of entries which the chain has already found sound. */
export class Examination {
  readonly statements = new StatementCheck();
  readonly tree = new CompactRange();
  readonly outcomes: OutcomeCheck;
  readonly counts = new Map<EntryType, number>();
  readonly #warrants = new Warrants();
  readonly #counted = new CountedCheck();
  readonly #damages: Damage[] = [];
  readonly #onlyHashes: boolean;
  #checkpoints = new CheckpointCheck([]);
  #policy: Policy | null = null;
  #damageCount = 0;

  /** Without a queue, or with `onlyHashes`, signatures are not verified. */
  constructor(signatures: SignatureQueue | null, onlyHashes: boolean) {
    this.#onlyHashes = onlyHashes;
    this.outcomes = new OutcomeCheck(signatures);
  }

  /** By sequence; the first hundred. */
  get damages(): readonly Damage[] {
    this.#keepFirst();
    return this.#damages;
  }

  /** All that were found, those not kept included. */
  get damageCount(): number {
    return this.#damageCount;
  }

  get checkpointsMet(): number {
    return this.#checkpoints.met;
  }

  /** Once the first entry has said whose checkpoints count. */
  expect(checkpoints: readonly Expected[], step: Step): void {
    this.#checkpoints = new CheckpointCheck(checkpoints);
    this.#checkpoints.see(this.tree, this.#reporter(step));
  }

  add(damage: Damage): void {
    this.#damageCount += 1;
    this.#damages.push(damage);
    if (this.#damages.length >= 2 * KEPT_DAMAGES) this.#keepFirst();
  }

  /** Answers about signatures come late and out of order: what matters is the lowest sequence. */
  #keepFirst(): void {
    this.#damages.sort((left, right) => left.sequence - right.sequence);
    this.#damages.length = Math.min(this.#damages.length, KEPT_DAMAGES);
  }

  /** `policy` is that of a policy entry, parsed. */
  see(step: Step, policy: Policy | null): void {
    const report = this.#reporter(step);
    const { entry } = step;
    this.counts.set(entry.type, (this.counts.get(entry.type) ?? 0) + 1);
    const statement = this.statements.see(step, policy, report);
    if (entry.type === 'policy') this.#policy = policy;
    if (entry.type === 'unfreeze' && this.#warrants.freezeOf(entry.freeze) === null) {
      report({ kind: 'authority', message: 'it lifts a freeze that does not hold' });
    }
    if (!this.#onlyHashes && entry.type === 'authorization') {
      const { policy: digest } = this.statements;
      authorityProblems(step, entry, this.#warrants, this.#policy, digest).forEach(report);
      this.#counted.see(step, report);
    }
    this.#warrants.see(step, statement);
    this.outcomes.see(step, report);
    this.tree.append(step.hash);
    this.#checkpoints.see(this.tree, report);
  }

  #reporter({ sequence, file, offset }: Step): (problem: Problem) => void {
    return (found) => {
      this.add({ ...found, sequence, file, offset });
    };
  }

  /** `end` is where the next entry would stand. */
  finish(end: Omit<Damage, 'kind' | 'message'>): void {
    this.#checkpoints.finish(this.tree.size, (found) => {
      this.add({ ...found, ...end });
    });
  }
}
