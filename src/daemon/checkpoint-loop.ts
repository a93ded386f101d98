import { codeOf } from '../core/errors.js';
import { settlesWithin } from '../core/settles-within.js';
import type { Anchors } from '../ledger/anchors/anchors.js';
import type { Checkpointer } from '../ledger/checkpoint/checkpointer.js';
import type { Log } from '../operations/log.js';

export interface CheckpointLoop {
  /** A checkpoint now, brought to every anchor; what fails is told in health and log. */
  now(): Promise<void>;
  /** One last checkpoint over everything, if one can be made. */
  stop(): Promise<void>;
}

export interface CheckpointLoopParts {
  readonly checkpointer: Checkpointer;
  readonly anchors: Anchors;
  /** Called at each turn in which no anchor stands against the ledger, before anything else is appended. */
  readonly begin: () => Promise<void>;
  readonly intervalMs: number;
  readonly log: Log;
}

/** How long anchors may take to be written before a start or a stop goes on without them, in milliseconds. */
const SETTLE_MS = 5000;

/**
 * Makes a checkpoint each interval in which the ledger grew, and brings the newest to anchors that lack it. What fails
 * is tried again at the next.
 */
export function startCheckpointLoop({
  checkpointer,
  anchors,
  begin,
  intervalMs,
  log,
}: CheckpointLoopParts): CheckpointLoop {
  const turn = async (): Promise<void> => {
    try {
      await anchors.refresh();
      if (anchors.rollback !== null) return;
      // An anchor that could not be read at the start may be read now, and fit.
      await begin();
      if (checkpointer.behind) log.debug('checkpoint', { size: (await checkpointer.make()).size });
      anchors.catchUp(checkpointer.newest);
    } catch (error) {
      const code = codeOf(error);
      log.warn('checkpoint_failed', { code, message: String(error) });
    }
  };
  let running: Promise<void> = Promise.resolve();
  let queued = false;
  const next = (): Promise<void> => (running = running.then(turn));
  // A turn that waits for the token is not joined by a second one.
  const timer = setInterval(() => {
    if (queued) return;
    queued = true;
    void next().finally(() => (queued = false));
  }, intervalMs);
  const now = async (): Promise<void> => {
    await next();
    await settlesWithin(anchors.settled(), SETTLE_MS);
  };
  return {
    now,
    stop: async () => {
      clearInterval(timer);
      await now();
    },
  };
}
