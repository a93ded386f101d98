const TARGET_MS = 4;
const MOST = 32;
/**
 * With fewer the host waits for a daemon that is busy with something else: it reads and judges what arrived together
 * in one turn, and that and a collection of its heap can take 5 ms.
 */
const LEAST_FAST = 16;
const FAST_MS = 1;
const LEAST = 8;
/** One in work and one ready: enough for a token that takes longer than a daemon ever does. */
const LEAST_SLOW = 2;
const SLOW_MS = 20;

/**
 * How many requests the host may have at once: enough that it never waits for the daemon, and otherwise no more
 * than about 4 ms of its work, because what it has can neither be overtaken by a vote nor stopped by a freeze.
 */
export class DispatchWindow {
  #serviceMs = 0.5;

  /** `elapsed` ms of uninterrupted work for `signatures`. */
  served(elapsed: number, signatures: number): void {
    if (signatures === 0) return;
    this.#serviceMs += (elapsed / signatures - this.#serviceMs) / 16;
  }

  get size(): number {
    return Math.max(leastFor(this.#serviceMs), Math.min(MOST, Math.round(TARGET_MS / this.#serviceMs)));
  }
}

function leastFor(serviceMs: number): number {
  if (serviceMs < FAST_MS) return LEAST_FAST;
  return serviceMs > SLOW_MS ? LEAST_SLOW : LEAST;
}
