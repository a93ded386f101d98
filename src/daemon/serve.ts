import { fileURLToPath } from 'node:url';
import type { Config } from '../config/chancery-yaml.js';
import { wallClock } from '../core/clock.js';
import type { FoldProgress } from '../ledger/store/replay.js';
import { createLog } from '../operations/log.js';
import { bootTime } from '../os/boottime.js';
import { hardenProcess } from '../os/process-hardening.js';
import { sdNotify, type ServiceState } from '../os/sd-notify.js';
import { compose } from './compose.js';

const HOST_SCRIPT = fileURLToPath(new URL('../hsm/pkcs11/host-main.js', import.meta.url));

/**
 * The daemon, in the foreground, from start to stop. Calls `ready` when both sockets accept; resolves after SIGTERM,
 * SIGINT or SIGHUP, when what was in flight has its outcome, the `stop` entry is durable and the token is closed.
 * `folding` hears how far the ledger is read, null when it is.
 *
 * Rejects when it cannot start: CONFIG_INVALID, LEDGER_MISSING, LEDGER_LOCKED, LEDGER_DAMAGED, POLICY_NOT_IN_FORCE,
 * TOKEN_NOT_FOUND and the other codes of its parts; nothing is left behind.
 */
export async function serve(
  config: Config,
  ready: () => void,
  folding?: (progress: FoldProgress | null) => void,
): Promise<void> {
  hardenProcess();
  const notify = (state: ServiceState): boolean => sdNotify(state, process.env['NOTIFY_SOCKET']);
  const log = createLog(config.log.level);
  const stop = stopSignal();
  const daemon = await compose({
    config,
    log,
    clock: { wall: wallClock, boot: bootTime },
    hostScript: HOST_SCRIPT,
    folding,
  });
  log.info('ready', { origin: daemon.origin, pid: process.pid });
  notify('READY=1');
  ready();
  const reason = await stop;
  log.info('stopping', { reason });
  notify('STOPPING=1');
  await daemon.stop(reason);
  log.info('stopped', {});
  log.flush();
}

/** Resolves with the name of the first signal that asks for an end. */
function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      process.once(signal, () => {
        resolve(signal);
      });
    }
  });
}
