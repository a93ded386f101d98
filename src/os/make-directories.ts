import { mkdir, rmdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { systemCode } from '../core/files.js';

/**
 * Makes a directory and those above it that are not there; the outermost one made, or undefined when it was there.
 * When one cannot be made, those made before it are removed again. Rejects with the system's own error.
 *
 * Not with mkdir's own `recursive`: where the system says ENOENT although the parent is there, as under /proc, Node 20
 * tries for ever.
 */
export async function makeDirectories(path: string, mode = 0o777): Promise<string | undefined> {
  const missing: string[] = [];
  for (let at = resolve(path); !(await isDirectory(at)); at = dirname(at)) missing.unshift(at);
  const made: string[] = [];
  try {
    for (const directory of missing) if (await makeOne(directory, mode)) made.push(directory);
  } catch (error) {
    const [outermost] = made;
    const innermost = made.at(-1);
    if (outermost !== undefined && innermost !== undefined) await removeDirectories(innermost, outermost);
    throw error;
  }
  return made[0];
}

/** Removes a directory and those above it up to `outermost`, as far as they are empty. */
export async function removeDirectories(innermost: string, outermost: string): Promise<void> {
  const last = resolve(outermost);
  for (let at = resolve(innermost); ; at = dirname(at)) {
    try {
      await rmdir(at);
    } catch {
      return;
    }
    if (at === last) return;
  }
}

/** False when another process was faster. A file is there and yet no directory, as is a link to nothing: EEXIST. */
async function makeOne(directory: string, mode: number): Promise<boolean> {
  try {
    await mkdir(directory, { mode });
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST' && (await isDirectory(directory))) return false;
    throw error;
  }
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}
