import { join } from 'node:path';
import { writeAll, type Files, type OpenFile } from '../../core/files.js';

const ZEROS = Buffer.alloc(1 << 20);

/**
 * Makes a whole file durable under its final name or not at all: written aside, synced, renamed, the directory
 * synced. `fill` writes the content.
 */
export async function writeDurably(
  files: Files,
  directory: string,
  name: string,
  fill: (file: OpenFile) => Promise<void>,
): Promise<void> {
  const aside = join(directory, `${name}.tmp`);
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

/** Zero bytes that are really written: an extent that is only reserved costs a journal commit at each write. */
export async function writeZeros(file: OpenFile, from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += ZEROS.length) {
    await writeAll(file, ZEROS.subarray(0, Math.min(ZEROS.length, to - at)), at);
  }
}

export async function copyBytes(from: OpenFile, to: OpenFile, length: number): Promise<void> {
  const buffer = Buffer.allocUnsafe(1 << 18);
  for (let at = 0; at < length;) {
    const wanted = buffer.subarray(0, Math.min(buffer.length, length - at));
    const got = await from.read(wanted, at);
    if (got === 0) throw new Error('the file became shorter while it was read');
    await writeAll(to, wanted.subarray(0, got), at);
    at += got;
  }
}
