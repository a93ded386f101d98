import type { AuthorizationBody } from '../../ledger/entries.js';
import { problem, type Problem } from '../read/damage.js';
import type { Step } from '../read/walk.js';
import type { SignatureQueue } from './signature-queue.js';

/**
 * Each authorization has exactly one outcome, and a signature is one over the message that was authorized (I3).
 * Authorizations in flight when the ledger was copied are open, not damage; those that a daemon left behind when
 * it died must be `recovered`, and nothing else, before the next one makes an authorization. Nothing is authorized
 * between a `stop` and the next `start`.
 */
export class OutcomeCheck {
  readonly #signatures: SignatureQueue | null;
  readonly #from: number;
  readonly #open = new Map<number, AuthorizationBody>();
  #abandoned = new Set<number>();
  /** Since a `stop` without a `start` behind it. */
  #stopped = false;

  /**
   * Null: signatures are matched with their authorizations but not verified. `from` is the first entry there is:
   * an outcome may belong to an authorization before it.
   */
  constructor(signatures: SignatureQueue | null, from = 0) {
    this.#signatures = signatures;
    this.#from = from;
  }

  /** Authorizations without an outcome yet, oldest first. */
  get open(): readonly number[] {
    return [...this.#open.keys()];
  }

  see(step: Step, report: (problem: Problem) => void): void {
    const { entry, sequence } = step;
    switch (entry.type) {
      case 'authorization':
        if (this.#abandoned.size > 0) {
          const left = [...this.#abandoned].slice(0, 5).join(', ');
          report(problem('outcome', `authorized while ${left} of an earlier run had no outcome`));
          this.#abandoned.clear();
        }
        if (this.#stopped) report(problem('outcome', 'authorized behind a stop, while no daemon ran'));
        this.#open.set(sequence, entry);
        return;
      case 'signature': {
        this.#refuseLate(entry.type, entry.authorization, report);
        const authorization = this.#close(entry.authorization, report);
        if (authorization !== null) this.#signatures?.add(step, authorization, entry.signature);
        return;
      }
      case 'failure':
        this.#refuseLate(entry.type, entry.authorization, report);
        this.#close(entry.authorization, report);
        return;
      case 'recovered':
        this.#close(entry.authorization, report);
        return;
      case 'stop':
        this.#stopped = true;
        return;
      case 'start':
      case 'repair':
        // Both are written by a process that has just opened the ledger: nobody waits for what is open.
        this.#abandoned = new Set(this.#open.keys());
        if (entry.type === 'start') this.#stopped = false;
        return;
      case 'genesis':
      case 'policy':
      case 'statement':
      case 'denial':
      case 'freeze':
      case 'unfreeze':
      case 'revocation':
      case 'key':
      case 'snapshot':
      case 'tick':
      case 'alert':
        return;
    }
  }

  #refuseLate(outcome: string, authorization: string, report: (problem: Problem) => void): void {
    if (!this.#abandoned.has(Number(authorization))) return;
    const message = `a ${outcome} for ${authorization}, which an earlier run left without outcome`;
    report(problem('outcome', message));
  }

  #close(authorization: string, report: (problem: Problem) => void): AuthorizationBody | null {
    const sequence = Number(authorization);
    const body = this.#open.get(sequence);
    if (body === undefined) {
      if (sequence < this.#from) return null;
      report(problem('outcome', `an outcome for ${authorization}, which is no open authorization`));
      return null;
    }
    this.#open.delete(sequence);
    this.#abandoned.delete(sequence);
    return body;
  }
}
