import type { Subject } from '../../src/policy/policy-state.js';
import type { RateWindow } from '../../src/policy/policy.js';
import { ListState } from './policy-state.js';
import { addressOf } from './policy-text.js';

/** Keeps exact meters below the key as well: by workload and by destination. */
export class SubjectState extends ListState {
  static #meter(subject: Subject): string {
    const below = subject.kind === 'workload' ? subject.workload : subject.destination;
    return `${subject.publicKey} ${below}`;
  }

  spentBy(subject: Subject, unit: string, window: RateWindow, now: number): bigint {
    return this.spent(SubjectState.#meter(subject), unit, window, now);
  }

  drainsToBy(subject: Subject, unit: string, window: RateWindow, room: bigint, now: number): number | null {
    return this.drainsTo(SubjectState.#meter(subject), unit, window, room, now);
  }

  /** `below` is a SPIFFE ID or a base58 account. */
  spendBy(below: string, unit: string, amount: bigint, time: number): void {
    this.spend(unit, amount, time, `${addressOf('trading-1')} ${below}`);
  }
}
