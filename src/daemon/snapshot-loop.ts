import { codeOf } from '../core/errors.js';
import { settlesWithin } from '../core/settles-within.js';
import type { Snapshots } from '../ledger/snapshot/snapshots.js';
import type { Log } from '../operations/log.js';
import type { SnapshotThread } from './snapshot-thread.js';

const INTERVAL_MS = 30_000;
/** A thread in a call to a file system that does not answer cannot be ended: a stop goes on without it. */
const SETTLE_MS = 5000;

export interface SnapshotLoopParts {
  readonly snapshots: Pick<Snapshots, 'step' | 'unconfirmed'>;
  readonly thread: Pick<SnapshotThread, 'stop'>;
  readonly mayAppend: () => boolean;
  readonly log: Log;
}

/** Confirms the snapshot that the start rested on, at once, and makes new ones as segments fill. */
export class SnapshotLoop {
  readonly #parts: SnapshotLoopParts;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> | null = null;
  #stopped = false;
  #trouble: string | null = null;

  constructor(parts: SnapshotLoopParts) {
    this.#parts = parts;
  }

  /** Why the last turn failed; null when it did not. */
  get trouble(): string | null {
    return this.#trouble;
  }

  start(): void {
    this.#begin();
    this.#timer = setInterval(() => {
      this.#begin();
    }, INTERVAL_MS);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    await settlesWithin(Promise.all([this.#parts.thread.stop(), this.#running]), SETTLE_MS);
  }

  #begin(): void {
    this.#running ??= this.#turn().finally(() => (this.#running = null));
  }

  async #turn(): Promise<void> {
    const { snapshots, mayAppend, log } = this.#parts;
    if (!mayAppend()) return;
    try {
      const outcome = await snapshots.step();
      this.#trouble = null;
      if (outcome === 'frozen') log.error('snapshot_frozen', {});
      else if (outcome !== 'nothing') log.info(`snapshot_${outcome}`, {});
    } catch (error) {
      if (this.#stopped) return;
      const code = codeOf(error);
      const what = snapshots.unconfirmed
        ? 'what the start did not read is not checked'
        : 'no snapshot is made';
      this.#trouble = `${what}: ${error instanceof Error ? error.message : String(error)}`;
      log.error('snapshot_failed', { code, message: String(error) });
    }
  }
}
