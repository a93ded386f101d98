import { ChanceryError } from '../core/errors.js';
import type { Snapshots } from '../ledger/snapshot/snapshots.js';
import type { Log } from '../operations/log.js';
import type { SnapshotThread } from './snapshot-thread.js';

const INTERVAL_MS = 30_000;

export interface SnapshotLoop {
  stop(): Promise<void>;
}

/** Confirms the snapshot that the start rested on, at once, and makes new ones as segments fill. */
export function startSnapshotLoop(
  snapshots: Snapshots,
  thread: SnapshotThread,
  mayAppend: () => boolean,
  log: Log,
): SnapshotLoop {
  let running: Promise<void> | null = null;
  let stopped = false;
  const turn = async (): Promise<void> => {
    if (!mayAppend()) return;
    try {
      const outcome = await snapshots.step();
      if (outcome === 'frozen') log.error('snapshot_frozen', {});
      else if (outcome !== 'nothing') log.info(`snapshot_${outcome}`, {});
    } catch (error) {
      if (stopped) return;
      const code = error instanceof ChanceryError ? error.code : 'INTERNAL';
      log.error('snapshot_failed', { code, message: String(error) });
    }
  };
  const begin = (): void => {
    running ??= turn().finally(() => (running = null));
  };
  begin();
  const timer = setInterval(begin, INTERVAL_MS);
  return {
    stop: async () => {
      stopped = true;
      clearInterval(timer);
      await thread.stop();
      await running;
    },
  };
}
