import type { Config } from '../config/chancery-yaml.js';
import { ChanceryError } from '../core/errors.js';
import { HOST_SCRIPT } from '../hsm/host-script.js';
import type { FoldProgress } from '../ledger/store/replay.js';
import { createLog } from '../operations/log.js';
import { MACHINE_CLOCK } from '../os/machine-clock.js';
import { hardenProcess } from '../os/process-hardening.js';
import { sdNotify, type ServiceState } from '../os/sd-notify.js';
import { compose } from './compose.js';
import { startExtension } from './start-extension.js';

/**
 * The daemon, in the foreground, from start to stop. Calls `ready` when both sockets accept; resolves after SIGTERM,
 * SIGINT or SIGHUP, when what was in flight has its outcome, the `stop` entry is durable and the token is closed; while
 * the ledger is read, which may take minutes and writes nothing, at once. `folding` hears how far that is, null when it
 * is done.
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
  const signal = new StopSignal();
  const extend = startExtension(notify);
  const asked = new ChanceryError('ABORTED', 'asked to end while the ledger was read');
  const daemon = await compose({
    config,
    log,
    clock: MACHINE_CLOCK,
    hostScript: HOST_SCRIPT,
    folding: (progress) => {
      if (progress !== null && signal.name !== null) throw asked;
      if (progress !== null) extend();
      folding?.(progress);
    },
  }).catch((error: unknown) => {
    if (error === asked) return null;
    throw error;
  });
  if (daemon !== null) {
    log.info('ready', { origin: daemon.origin, pid: process.pid });
    notify('READY=1');
    ready();
  }
  const reason = await signal.came;
  log.info('stopping', { reason });
  notify('STOPPING=1');
  await daemon?.stop(reason);
  log.info('stopped', {});
  log.flush();
}

/** The first signal that asks for an end. */
class StopSignal {
  readonly came: Promise<string>;
  #name: string | null = null;

  constructor() {
    this.came = new Promise((resolve) => {
      for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
        process.once(signal, () => {
          this.#name ??= signal;
          resolve(signal);
        });
      }
    });
  }

  /** Null until it has come. */
  get name(): string | null {
    return this.#name;
  }
}
