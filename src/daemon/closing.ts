import type { Log } from '../operations/log.js';

/** Closes one part of the daemon; hears why the daemon ends. */
type Close = (reason: string) => Promise<unknown>;

/** What was opened so far, and how each part is closed. */
export class Closing {
  readonly #log: Log;
  #parts: readonly Close[] = [];

  constructor(log: Log) {
    this.#log = log;
  }

  push(close: Close): void {
    this.#parts = [...this.#parts, close];
  }

  /**
   * Closes every part, the last one opened first, and each though another fails: an HSM host that is left has the PIN,
   * and a ledger that is left its lock. Rejects with the first failure when all have been asked; each is in the log.
   */
  async close(reason: string): Promise<void> {
    const parts = [...this.#parts].reverse();
    this.#parts = [];
    const failures: unknown[] = [];
    for (const close of parts) {
      try {
        await close(reason);
      } catch (error) {
        this.#log.error('close_failed', { message: String(error) });
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
