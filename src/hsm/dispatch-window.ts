const LEAST = 2;
const MOST = 32;
const TARGET_MS = 4;

/**
 * How many requests the host may have at once: enough that it never waits for the daemon, and no more than about
 * 4 ms of its work, because what it has can neither be overtaken by a vote nor stopped by a freeze. A slow token
 * (105 ms a signature) gets two.
 */
export class DispatchWindow {
  #serviceMs = 0.5;

  /** `elapsed` ms of uninterrupted work for `signatures`. */
  served(elapsed: number, signatures: number): void {
    if (signatures === 0) return;
    this.#serviceMs += (elapsed / signatures - this.#serviceMs) / 16;
  }

  get size(): number {
    return Math.max(LEAST, Math.min(MOST, Math.round(TARGET_MS / this.#serviceMs)));
  }
}
