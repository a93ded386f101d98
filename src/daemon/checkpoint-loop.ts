import { ChanceryError } from '../core/errors.js';
import type { Anchors } from '../ledger/anchors/anchors.js';
import type { Checkpointer } from '../ledger/checkpoint/checkpointer.js';
import type { Log } from '../operations/log.js';

export interface CheckpointLoop {
  /** A checkpoint now, brought to every anchor; what fails is told in health and log. */
  now(): Promise<void>;
  /** One last checkpoint over everything, if one can be made. */
  stop(): Promise<void>;
}

/** How long anchors may take to be written before a start or a stop goes on without them, in milliseconds. */
const SETTLE_MS = 5000;

/**
 * Makes a checkpoint each interval (ms) in which the ledger grew, and brings the newest to anchors that lack it. What
 * fails is tried again at the next.
 */
export function startCheckpointLoop(
  checkpointer: Checkpointer,
  anchors: Anchors,
  intervalMs: number,
  log: Log,
): CheckpointLoop {
  const turn = async (): Promise<void> => {
    try {
      await anchors.refresh();
      if (anchors.rollback !== null) return;
      if (checkpointer.behind) log.debug('checkpoint', { size: (await checkpointer.make()).size });
      anchors.catchUp(checkpointer.newest);
    } catch (error) {
      const code = error instanceof ChanceryError ? error.code : 'INTERNAL';
      log.warn('checkpoint_failed', { code, message: String(error) });
    }
  };
  let running: Promise<void> = Promise.resolve();
  let queued = false;
  const now = (): Promise<void> => (running = running.then(turn));
  // A turn that waits for the token is not joined by a second one.
  const timer = setInterval(() => {
    if (queued) return;
    queued = true;
    void now().finally(() => (queued = false));
  }, intervalMs);
  const settled = async (): Promise<void> => {
    let late: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => (late = setTimeout(resolve, SETTLE_MS)));
    await Promise.race([anchors.settled(), patience]);
    clearTimeout(late);
  };
  return {
    now: async () => {
      await now();
      await settled();
    },
    stop: async () => {
      clearInterval(timer);
      await now();
      await settled();
    },
  };
}
