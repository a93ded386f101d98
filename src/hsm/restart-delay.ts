import type { TokenTiming } from './token-options.js';

/** A host that was up for this long has recovered: the next pause is short again. */
const STABLE_MS = 30_000;

/**
 * Pauses before restarts: doubled each time, bounded, and only short again after a host that lasted. A connector
 * that dies at once must not cost a core.
 */
export class RestartDelay {
  readonly #first: number;
  readonly #most: number;
  #attempt = 0;

  constructor({ backoff, backoffMax }: Pick<TokenTiming, 'backoff' | 'backoffMax'>) {
    this.#first = backoff;
    this.#most = backoffMax;
  }

  /** `upFor`: how long the last host was ready, in ms. Returns the pause in ms and the number of the attempt. */
  next(upFor: number): { readonly attempt: number; readonly delayMs: number } {
    if (upFor >= STABLE_MS) this.#attempt = 0;
    const delayMs = Math.min(this.#first * 2 ** Math.min(this.#attempt, 30), this.#most);
    this.#attempt += 1;
    return { attempt: this.#attempt, delayMs };
  }
}
