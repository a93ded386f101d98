import type { EntryType, FreezeBody } from '../../ledger/entries.js';
import type { Policy } from '../../policy/policy.js';
import { CompactRange, type Completed } from '../read/compact-range.js';
import type { Damage, Problem } from '../read/damage.js';
import type { Step } from '../read/walk.js';
import { attestationFaults } from './attestation-check.js';
import { authorityProblems } from './authority-check.js';
import { CheckpointCheck, givenUpBy, type Expected } from './checkpoint-check.js';
import { CountedCheck } from './counted-check.js';
import { OutcomeCheck } from './outcome-check.js';
import type { SignatureQueue } from './signature-queue.js';
import { type SeenStatement, StatementCheck } from './statement-check.js';
import { StatementHeads } from './statement-heads.js';
import { Warrants } from './warrants.js';

/** Later ones are counted, not kept. */
const KEPT_DAMAGES = 100;

type Place = Pick<Damage, 'sequence' | 'file' | 'offset'>;

interface ExaminationOptions {
  /** Null: signatures are not verified. */
  readonly signatures: SignatureQueue | null;
  /** `hashes` leaves out authority and counts; `tail` everything that takes the entries before `from`. */
  readonly scope: 'all' | 'hashes' | 'tail';
  /** Sequence of the first entry there is. */
  readonly from: number;
  /** Called with each perfect subtree. */
  readonly completed: Completed;
}

/** Everything that is checked of entries which the chain has already found sound. */
export class Examination {
  readonly statements = new StatementCheck();
  readonly tree = new CompactRange();
  readonly outcomes: OutcomeCheck;
  readonly counts = new Map<EntryType, number>();
  readonly #heads = new StatementHeads();
  readonly #warrants = new Warrants();
  readonly #counted = new CountedCheck();
  readonly #damages: Damage[] = [];
  readonly #scope: ExaminationOptions['scope'];
  readonly #completed: Completed;
  #expected: readonly Expected[] = [];
  /** Which accepted rollback (its sequence) gave up a checkpoint. */
  readonly #givenUp = new Map<string, number>();
  #checkpoints = new CheckpointCheck([]);
  #policy: Policy | null = null;
  #damageCount = 0;

  constructor({ signatures, scope, from, completed }: ExaminationOptions) {
    this.#scope = scope;
    this.#completed = completed;
    this.outcomes = new OutcomeCheck(signatures, from);
  }

  /** In order; the first hundred. */
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

  /** Entries of the largest checkpoint met. */
  get metSize(): number {
    return this.#checkpoints.metSize;
  }

  /** Checkpoints beside the ledger that an accepted rollback gave up. Known once settled. */
  get checkpointsVoided(): number {
    return this.#checkpoints.voided.length;
  }

  /** Every checkpoint that is to be met, met or not, without those that were given up. */
  get expected(): readonly Expected[] {
    const { voided } = this.#checkpoints;
    return this.#expected.filter((each) => !voided.includes(each));
  }

  /** Once it is known whose checkpoints count. */
  expect(checkpoints: readonly Expected[], place: Place): void {
    this.#expected = checkpoints;
    this.#checkpoints = new CheckpointCheck(checkpoints);
    this.#checkpoints.see(this.tree, this.#reporter(place));
  }

  /** An entry that is not there, by its leaf hash. */
  appendAbsent(leaf: Buffer, place: Place): void {
    const { size: sequence } = this.tree;
    this.tree.append(leaf, this.#completed);
    this.#checkpoints.see(this.tree, this.#reporter({ ...place, sequence }));
  }

  add(damage: Damage): void {
    this.#damageCount += 1;
    this.#damages.push(damage);
    if (this.#damages.length >= 2 * KEPT_DAMAGES) this.#keepFirst();
  }

  /** Answers about signatures come late and out of order: what matters is the lowest sequence. */
  #keepFirst(): void {
    this.#damages.sort(inOrder);
    this.#damages.length = Math.min(this.#damages.length, KEPT_DAMAGES);
  }

  /** `policy` is that of a policy entry, parsed. */
  see(step: Step, policy: Policy | null): void {
    const report = this.#reporter(step);
    const { entry } = step;
    this.counts.set(entry.type, (this.counts.get(entry.type) ?? 0) + 1);
    if (entry.type === 'snapshot' && Number(entry.size) > step.sequence)
      report({ kind: 'schema', message: `a snapshot of ${entry.size} entries, and fewer stand before it` });
    if (this.#scope !== 'tail') this.#judge(step, policy, report);
    // Of a tail too: what an entry says of itself there, its checkpoint vouches for.
    for (const name of givenUpBy(entry)) this.#givenUp.set(name, step.sequence);
    this.outcomes.see(step, report);
    this.tree.append(step.hash, this.#completed);
    this.#heads.see(step, this.tree);
    this.#checkpoints.see(this.tree, report);
  }

  /** What takes all entries before. */
  #judge(step: Step, policy: Policy | null, report: (problem: Problem) => void): void {
    const { entry } = step;
    const statement = this.statements.see(step, policy, report);
    const foreign = this.#heads.fault(statement, this.tree);
    if (foreign !== null) report({ kind: 'statement', message: foreign });
    if (entry.type === 'policy') this.#policy = policy;
    if (entry.type === 'unfreeze' && this.#warrants.freezeOf(entry.freeze) === null) {
      report({ kind: 'authority', message: 'it lifts a freeze that does not hold' });
    }
    if (this.#scope === 'all') this.#judgeByPolicy(step, statement, report);
    this.#warrants.see(step, statement);
  }

  /** What takes the policies too. */
  #judgeByPolicy(step: Step, statement: SeenStatement, report: (problem: Problem) => void): void {
    const { entry } = step;
    if (entry.type === 'freeze' && !this.#names(entry)) {
      report({ kind: 'authority', message: 'the policy has no such key, or another public key' });
    }
    if (statement?.kind === 'attestation' && this.#policy !== null) {
      const challenged = this.#heads.challengedAt(statement, this.tree);
      for (const message of attestationFaults(statement, this.#policy, challenged, step.time))
        report({ kind: 'statement', message });
    }
    if (entry.type === 'authorization') {
      const { policy: digest } = this.statements;
      authorityProblems(step, entry, this.#warrants, this.#policy, digest).forEach(report);
      this.#counted.see(step, report);
    }
  }

  /** Whoever reads which key was frozen goes by its id, and what is judged goes by its public key. */
  #names({ key, publicKey }: FreezeBody): boolean {
    return key === undefined || this.#policy === null || this.#policy.keys.get(key)?.address === publicKey;
  }

  #reporter({ sequence, file, offset }: Place): (problem: Problem) => void {
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

  /** Call last: what checkpoints say that are not met. */
  settle(): void {
    this.#checkpoints.settle(this.#givenUp);
  }
}

/**
 * By sequence. What is derived comes last, since the daemon makes it anew and that would mend nothing else; so does a
 * torn end among what is wrong at its place: alone it is what a crash leaves, beside anything else it excuses nothing.
 */
function inOrder(left: Damage, right: Damage): number {
  const rank = (kind: Damage['kind'], one: Damage): number => (one.kind === kind ? 1 : 0);
  return (
    rank('tile', left) - rank('tile', right) ||
    left.sequence - right.sequence ||
    rank('torn-tail', left) - rank('torn-tail', right)
  );
}
