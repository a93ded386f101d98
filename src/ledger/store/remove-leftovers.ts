import { join } from 'node:path';
import type { Files } from '../../core/files.js';
import { blobDirectory, snapshotDirectory } from './paths.js';

/** A blob or a snapshot on its way; a directory may be a link to one that holds what others wrote. */
const ASIDE = /^(?:[0-9a-f]{64}\.[0-9a-f-]{36}|\d{12}-[0-9a-f]{64})\.tmp$/;

/**
 * Takes away what a process that was killed had written aside (`write-durably.ts`) under a name that nobody uses again:
 * a policy is up to 4 MiB, a snapshot holds every meter. The caller holds the ledger's lock, so nobody writes one now. What
 * cannot be removed, or listed, stays: it is in nobody's way, and least of all in that of a freeze while no daemon runs.
 */
export async function removeLeftovers(files: Files, directory: string): Promise<void> {
  for (const folder of [blobDirectory(directory), snapshotDirectory(directory)]) {
    for (const name of (await files.list(folder).catch(() => null)) ?? []) {
      if (ASIDE.test(name)) await files.remove(join(folder, name)).catch(() => undefined);
    }
  }
}
