import type { AuthorizationBody } from '../../ledger/entries.js';
import { problem, type Problem } from '../read/damage.js';
import type { Step } from '../read/walk.js';
import type { SignatureQueue } from './signature-queue.js';

/** Who writes: nobody knows of a daemon that was killed, so what stands behind the last entry of one is as if it ran. */
type Writer =
  /** Between a `start` and the next of the others. */
  | 'daemon'
  /** Behind a `stop`, which did not wait for every outcome; and before the first `start`. */
  | 'no daemon'
  /** Behind a `repair` or a `recovered`: written as a ledger is opened, when nobody waits for what is open. */
  | 'opened';

/**
 * Each authorization has exactly one outcome, and a signature is one over the message that was authorized (I3).
 * Authorizations in flight when the ledger was copied are open, not damage; those that a daemon left behind when
 * it died must be `recovered`, and nothing else, before the `start` of the next one, and only behind a `start` is
 * anything authorized.
 */
export class OutcomeCheck {
  readonly #signatures: SignatureQueue | null;
  readonly #from: number;
  readonly #open = new Map<number, AuthorizationBody>();
  #writer: Writer;

  /**
   * Null: signatures are matched with their authorizations but not verified. `from` is the first entry there is:
   * an outcome may belong to an authorization before it, and a daemon may have started before it.
   */
  constructor(signatures: SignatureQueue | null, from = 0) {
    this.#signatures = signatures;
    this.#from = from;
    this.#writer = from === 0 ? 'no daemon' : 'daemon';
  }

  /** Authorizations without an outcome yet, oldest first. */
  get open(): readonly number[] {
    return [...this.#open.keys()];
  }

  see(step: Step, report: (problem: Problem) => void): void {
    const { entry, sequence } = step;
    switch (entry.type) {
      case 'authorization':
        if (this.#writer !== 'daemon')
          report(problem('outcome', 'authorized without a start before it, while no daemon ran'));
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
        this.#writer = 'opened';
        return;
      case 'repair':
        this.#writer = 'opened';
        return;
      case 'stop':
        this.#writer = 'no daemon';
        return;
      case 'start':
        this.#refuseAbandoned(report);
        this.#writer = 'daemon';
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
    if (this.#writer !== 'opened' || !this.#open.has(Number(authorization))) return;
    const message = `a ${outcome} for ${authorization}, which an earlier run left without outcome`;
    report(problem('outcome', message));
  }

  /** Said once: none of them is waited for any more. */
  #refuseAbandoned(report: (problem: Problem) => void): void {
    if (this.#open.size === 0) return;
    const left = [...this.#open.keys()].slice(0, 5).join(', ');
    report(problem('outcome', `started while ${left} of an earlier run had no outcome`));
    this.#open.clear();
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
    return body;
  }
}
