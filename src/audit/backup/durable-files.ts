import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { ChanceryError } from '../../core/errors.js';

/** Null when there is no such file. Throws FILE_UNREADABLE. */
export async function readIfThere(directory: string, name: string): Promise<Buffer | null> {
  const path = join(directory, name);
  try {
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw new ChanceryError('FILE_UNREADABLE', `cannot read ${path}`, { cause });
  }
}

/** The old bytes or the new ones, whenever the power goes. Durable when it resolves. */
export async function replaceFile(directory: string, name: string, bytes: Uint8Array): Promise<void> {
  const aside = join(directory, `${name}.part`);
  const file = await open(aside, 'w', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(aside, join(directory, name));
  await syncDirectory(directory);
}

export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
