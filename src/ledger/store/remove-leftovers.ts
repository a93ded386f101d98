import { join } from 'node:path';
import type { Files } from '../../core/files.js';
import { blobDirectory, snapshotDirectory } from './paths.js';

/**
 * Takes away what a process that was killed had written aside (`write-durably.ts`) under a name that nobody uses again:
 * a policy is up to 4 MiB, a snapshot holds every meter. The caller holds the ledger's lock, so nobody writes one now. What
 * cannot be removed, or listed, stays: it is in nobody's way, and least of all in that of a freeze while no daemon runs.
 */
export async function removeLeftovers(files: Files, directory: string): Promise<void> {
  for (const folder of [blobDirectory(directory), snapshotDirectory(directory)]) {
    for (const name of (await files.list(folder).catch(() => null)) ?? []) {
      if (name.endsWith('.tmp')) await files.remove(join(folder, name)).catch(() => undefined);
    }
  }
}
