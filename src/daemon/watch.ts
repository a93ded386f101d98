import { codeOf } from '../core/errors.js';
import { appendOne } from '../ledger/ledger.js';
import type { Log } from '../operations/log.js';
import type { Path } from '../signing/path.js';

const INTERVAL_MS = 1000;

export interface Watch {
  stop(): Promise<void>;
}

/**
 * What has to happen without a request: a full disk is tried again, counts of denials are written when their minute is
 * over, and a clock that jumped freezes every key in the ledger, so that a restart does not forget it: only the
 * Sovereign lifts it.
 */
export function startWatch(path: Path, log: Log): Watch {
  let running: Promise<void> = Promise.resolve();
  let told = false;
  let frozen = false;
  const tick = async (): Promise<void> => {
    try {
      // Without requests too: whoever steers by /readyz sends none until there is room.
      path.ledger.makeRoom();
      if (path.clock.jumped !== null && !frozen) {
        const reason = `CLOCK_JUMPED: ${path.clock.jumped}`;
        if (!told) log.error('clock_jumped', { reason });
        told = true;
        // Again at the next turn when there was no room for it: a restart would not know of the jump.
        await appendOne(path.ledger, () => ({ type: 'freeze', reason, by: null }));
        frozen = true;
      }
      await path.denials.flush(path.clock.wall());
    } catch (error) {
      const code = codeOf(error);
      log.error('watch_failed', { code, message: String(error) });
    }
  };
  const timer = setInterval(() => {
    running = running.then(tick);
  }, INTERVAL_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}
