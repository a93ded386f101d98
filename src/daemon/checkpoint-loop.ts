import { ChanceryError } from '../core/errors.js';
import type { Checkpointer } from '../ledger/checkpoint/checkpointer.js';
import type { Log } from '../operations/log.js';

export interface CheckpointLoop {
  /** One last checkpoint over everything, if one can be made. */
  stop(): Promise<void>;
}

/** Makes a checkpoint each interval (ms) in which the ledger grew. A token that fails is asked again at the next. */
export function startCheckpointLoop(
  checkpointer: Checkpointer,
  intervalMs: number,
  log: Log,
): CheckpointLoop {
  let running: Promise<void> | null = null;
  const turn = async (): Promise<void> => {
    if (!checkpointer.behind) return;
    try {
      const { size } = await checkpointer.make();
      log.debug('checkpoint', { size });
    } catch (error) {
      const code = error instanceof ChanceryError ? error.code : 'INTERNAL';
      log.warn('checkpoint_failed', { code, message: String(error) });
    }
  };
  // A turn that waits for the token is not joined by a second one.
  const timer = setInterval(() => {
    running ??= turn().finally(() => (running = null));
  }, intervalMs);
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
      await turn();
    },
  };
}
