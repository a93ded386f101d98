import { hash } from 'node:crypto';
import { ChanceryError } from '../../core/errors.js';
import type { AuthorizationBody, DenialBody } from '../../ledger/entries.js';
import type { Policy } from '../../policy/policy.js';
import { loadPolicy } from '../load-policy.js';
import { countedDebits } from '../read/debits.js';
import { readEntries } from '../read-entries.js';
import type { Progress } from '../read/progress.js';
import type { LedgerFiles } from '../read/segments.js';
import { StatementCheck } from '../check/statement-check.js';
import type { Step } from '../read/walk.js';
import { History, type Spending } from './history.js';
import { judgeAgain, type Asked, type Judged } from './judge-again.js';
import { refusedAlike, ReplayTally, type ReplayReport } from './replay-tally.js';
import { unrecorded, type Unrecorded } from './unrecorded.js';

export interface ReplayOptions extends LedgerFiles {
  /** Judge by this policy instead of the one then in force; what it refuses then also counts nothing. */
  readonly policy?: Policy;
  /** Only what was asked in this time is judged (ms); the state before it is folded all the same. */
  readonly since?: number;
  readonly until?: number;
  readonly progress?: (progress: Progress) => void;
}

/**
 * Folds the ledger again and decides again every authorization, and every denial that carries a message, with
 * today's code and a fold of its own. Without `policy`, any difference means that the code has changed its mind,
 * or that one of the two folds is wrong. Throws LEDGER_DAMAGED (verify first), LEDGER_MISSING, FILE_UNREADABLE.
 */
export async function replayLedger(options: ReplayOptions): Promise<ReplayReport> {
  const { directory, archives = [], progress } = options;
  const replay = new Replay(options);
  for await (const step of readEntries({ directory, archives, progress })) await replay.see(step);
  return replay.report();
}

/**
 * Refusals for what the ledger does not hold: what the caller may know of, which process it was by then, and which keys
 * its connection had proved.
 */
const NOT_OF_THE_LEDGER: ReadonlySet<string> = new Set([
  'UNKNOWN_KEY',
  'WORKLOAD_CHANGED',
  'POSSESSION_REQUIRED',
]);

class Replay {
  readonly #options: ReplayOptions;
  readonly #history = new History();
  readonly #statements = new StatementCheck();
  readonly #tally = new ReplayTally();
  #policy: Policy | null = null;

  constructor(options: ReplayOptions) {
    this.#options = options;
  }

  async see(step: Step): Promise<void> {
    const { entry } = step;
    if (entry.type === 'authorization') this.#authorization(step, entry);
    if (entry.type === 'denial') this.#denial(step, entry);
    const policy = entry.type === 'policy' ? await this.#load(entry.sha256) : null;
    if (policy !== null) this.#policy = policy;
    const statement = this.#statements.see(step, policy, ({ message }) => {
      throw new ChanceryError('LEDGER_DAMAGED', `entry ${String(step.sequence)}: ${message}`);
    });
    this.#history.see(step, statement);
  }

  async #load(sha256: string): Promise<Policy> {
    const policy = await loadPolicy(this.#options.directory, sha256);
    if ('kind' in policy) throw new ChanceryError('LEDGER_DAMAGED', policy.message);
    return policy;
  }

  #authorization(step: Step, entry: AuthorizationBody): void {
    const own = this.#options.policy === undefined;
    const [assumed] = this.#unrecorded(step, entry);
    const judged = this.#judge(step, entry, assumed);
    if (this.#inTime(step)) this.#tally.authorization(step, entry, judged, own);
    const messageHash = hash('sha256', Buffer.from(entry.message, 'base64'));
    const spending = own ? recorded(entry) : wouldCount(judged);
    if (spending !== null) this.#history.count(step, entry, spending, messageHash);
  }

  #denial(step: Step, entry: DenialBody): void {
    const { key, message, workload } = entry;
    if (!this.#inTime(step)) return;
    if (
      key === undefined ||
      message === undefined ||
      entry.codes.some((code) => NOT_OF_THE_LEDGER.has(code))
    ) {
      this.#tally.unjudged(entry);
      return;
    }
    const asked = { key, message, workload, purpose: 'transaction' } as const;
    const [assumed, ...others] = this.#unrecorded(step, asked);
    const judged = this.#judge(step, asked, assumed);
    const right =
      refusedAlike(entry, judged) || others.some((way) => refusedAlike(entry, this.#judge(step, asked, way)));
    this.#tally.denial(step, entry, right ? null : judged);
  }

  #unrecorded({ time }: Step, asked: Asked) {
    return unrecorded(asked, this.#judgedBy(), this.#history, time);
  }

  #judge({ time }: Step, asked: Asked, { now, possessed }: Unrecorded): Judged {
    const times = { now, entryTime: time };
    return judgeAgain({ ...asked, possessed }, this.#judgedBy(), this.#history, times);
  }

  #judgedBy(): Policy {
    const policy = this.#options.policy ?? this.#policy;
    if (policy === null) throw new ChanceryError('LEDGER_DAMAGED', 'something was asked before any policy');
    return policy;
  }

  #inTime({ time }: Step): boolean {
    const { since, until } = this.#options;
    return (since === undefined || time >= since) && (until === undefined || time < until);
  }

  report(): ReplayReport {
    return this.#tally.report();
  }
}

/** What the ledger counted is a fact, whatever today's code says of it. Null for a repeat, which counts nothing. */
function recorded({ attestation, counted, effects, repeats }: AuthorizationBody): Spending | null {
  return repeats === undefined ? { attestation, counted, payments: payments(effects) } : null;
}

/** What another policy refuses counts nothing under it. */
function wouldCount(judged: Judged): Spending | null {
  if (judged.decision === 'deny' || judged.verdict.repeats !== null) return null;
  const { attestation } = judged.verdict;
  const counted = judged.verdict.counted.map(({ unit, amount }) => ({ unit, amount: amount.toString() }));
  return { attestation, counted, payments: payments(judged.effects()) };
}

function payments(effects: AuthorizationBody['effects']): Spending['payments'] {
  return countedDebits(effects).flatMap(({ asset, destination, amount }) =>
    destination === undefined ? [] : [{ unit: asset, destination, amount }],
  );
}
