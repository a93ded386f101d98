import { join } from 'node:path';
import type { Files, OpenFile } from '../../core/files.js';

/**
 * Makes a whole file durable under its final name or not at all: written aside, synced, renamed, the directory
 * synced. `fill` writes the content; whoever may write the same file twice at once gives each writer another name aside.
 */
export async function writeDurably(
  files: Files,
  directory: string,
  name: string,
  fill: (file: OpenFile) => Promise<void>,
  asideName = `${name}.tmp`,
): Promise<void> {
  const aside = join(directory, asideName);
  await files.remove(aside);
  const file = await files.open(aside, 'create');
  try {
    await fill(file);
    await file.sync();
  } catch (error) {
    // What was written so far may be the last free bytes of the disk. It may not be removable either.
    await files.remove(aside).catch(() => undefined);
    throw error;
  } finally {
    await file.close();
  }
  await files.rename(aside, join(directory, name));
  await files.syncDirectory(directory);
}
