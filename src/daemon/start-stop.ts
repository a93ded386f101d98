import { readFileSync } from 'node:fs';
import { ChanceryError } from '../core/errors.js';
import type { Log } from '../operations/log.js';
import type { Path } from '../signing/path.js';
import { VERSION } from './version.js';

/** The `start` entry: which boot, which software, which PKCS#11 modules. */
export async function writeStart(path: Path, modules: Readonly<Record<string, string>>): Promise<void> {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  await path.ledger.transact(() => ({
    entries: [{ type: 'start', boot, version: VERSION, modules }],
    result: undefined,
  }));
}

/** The last entries of a clean stop. A ledger that has stopped already is only logged: there is no more to do. */
export async function writeStop(path: Path, reason: string, log: Log): Promise<void> {
  try {
    await path.denials.flush(Number.POSITIVE_INFINITY);
    await path.ledger.transact(() => ({ entries: [{ type: 'stop', reason }], result: undefined }));
  } catch (error) {
    if (!(error instanceof ChanceryError)) throw error;
    log.error('stop_not_written', { code: error.code, message: error.message });
  }
}
