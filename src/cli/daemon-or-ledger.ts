import type { Config } from '../config/chancery-yaml.js';
import { loadConfig } from '../config/chancery-yaml.js';
import { withOfflineLedger, type OfflineLedger } from '../ceremony/offline-ledger.js';
import { ChanceryError } from '../core/errors.js';
import { nodeFiles } from '../os/files.js';
import { MACHINE_CLOCK } from '../os/machine-clock.js';
import { mayNot, withAdmin, type AdminSession } from './admin-socket.js';
import type { OperatorOptions } from './arguments.js';
import { progressLine } from './progress.js';

/**
 * Gives a command to the daemon; when none runs and a configuration says where its ledger is, does it under the
 * ledger's lock. Throws DAEMON_UNREACHABLE when there is neither.
 */
export async function daemonOrLedger<Result>(
  options: OperatorOptions,
  ask: (session: AdminSession) => Promise<Result>,
  act: (offline: OfflineLedger, config: Config) => Promise<Result>,
): Promise<Result> {
  try {
    return await withAdmin(options, ask);
  } catch (error) {
    const stopped = error instanceof ChanceryError && error.code === 'DAEMON_UNREACHABLE';
    // A socket this user may not open says nothing about the daemon; it most likely runs.
    if (!stopped || options.config === undefined || mayNot(error.cause)) throw error;
    const config = loadConfig(options.config);
    const asked = (offline: OfflineLedger): Promise<Result> => act(offline, config);
    return await withOfflineLedger(config, nodeFiles(), MACHINE_CLOCK, asked, progressLine());
  }
}
