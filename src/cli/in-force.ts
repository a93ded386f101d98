import { readInForce } from '../ceremony/offline-ledger.js';
import type { Config } from '../config/chancery-yaml.js';
import { nodeFiles } from '../os/files.js';
import { progressLine } from './progress.js';

/**
 * The policy in force and the fold it comes from, read beside the daemon or without one, with its progress shown.
 * Throws as `readInForce`.
 */
export async function inForce(config: Config): ReturnType<typeof readInForce> {
  return await readInForce(config, nodeFiles(), progressLine());
}
