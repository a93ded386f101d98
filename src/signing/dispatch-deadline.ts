import { ChanceryError } from '../core/errors.js';
import type { ClockGuard } from './clock-guard.js';
import { DISPATCH_DEADLINE_MS } from './authority.js';

/** Measures, on the boot clock, how long an authorization has waited for the token. */
export class DispatchDeadline {
  readonly #clock: ClockGuard;
  readonly #at: number;

  constructor(clock: ClockGuard) {
    this.#clock = clock;
    this.#at = clock.boot() + DISPATCH_DEADLINE_MS;
  }

  passed(): ChanceryError | null {
    if (this.#clock.boot() <= this.#at) return null;
    return new ChanceryError('HSM_UNAVAILABLE', 'the request waited more than 5 s for the token', {
      hint: 'ask again later; what was counted stays counted',
    });
  }
}
