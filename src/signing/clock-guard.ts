import type { Clock } from '../core/clock.js';
import { ChanceryError } from '../core/errors.js';

/** How far wall and boot clock may part, and how far the wall clock may lag the ledger, in milliseconds. */
const CLOCK_TOLERANCE_MS = 5000;

/**
 * Watches the wall clock against the boot clock, which nobody can set. A jump forward would open fresh spend
 * windows and poison the ledger's time; a jump back would revive expired statements. Past the tolerance the guard
 * latches until the process is started again, and from then on `wall` is the boot clock's estimate, so that what
 * is still written (a freeze) carries a sane time.
 */
export class ClockGuard implements Clock {
  readonly #clock: Clock;
  readonly #wallAtStart: number;
  readonly #bootAtStart: number;
  #jumped: string | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#wallAtStart = clock.wall();
    this.#bootAtStart = clock.boot();
  }

  /** Why the clock is not trusted any more; null while it is. */
  get jumped(): string | null {
    this.wall();
    return this.#jumped;
  }

  boot(): number {
    return this.#clock.boot();
  }

  /** Where the wall clock should be by the boot clock. */
  #estimate(): number {
    return this.#wallAtStart + (this.#clock.boot() - this.#bootAtStart);
  }

  /** Each clock once: they are asked several times in a request. */
  #read(): { readonly wall: number; readonly estimate: number } {
    const wall = this.#clock.wall();
    const estimate = this.#estimate();
    if (this.#jumped === null && Math.abs(wall - estimate) > CLOCK_TOLERANCE_MS) {
      this.#jumped = `the wall clock moved ${String(Math.round((wall - estimate) / 1000))} s against the boot clock`;
    }
    return { wall: this.#jumped === null ? wall : estimate, estimate };
  }

  wall(): number {
    return this.#read().wall;
  }

  /** The later of both clocks: a statement is expired when either says so. */
  latest(): number {
    const { wall, estimate } = this.#read();
    return Math.max(wall, estimate);
  }

  /** Null while the clock can be trusted; `ledgerTime` is the last entry's time in milliseconds. */
  check(ledgerTime: number): ChanceryError | null {
    const wall = this.wall();
    const lag = ledgerTime - wall;
    const reason =
      this.#jumped ??
      (lag > CLOCK_TOLERANCE_MS
        ? `the wall clock is ${String(Math.round(lag / 1000))} s behind the ledger's last entry`
        : null);
    if (reason === null) return null;
    return new ChanceryError('CLOCK_JUMPED', `signing has stopped: ${reason}`, {
      hint: 'set the clock right, check the time service, then restart the daemon',
    });
  }
}
