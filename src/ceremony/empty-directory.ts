import { mkdir, readdir, rmdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { ChanceryError } from '../core/errors.js';
import { systemCode } from '../core/files.js';

/** A directory that was empty or absent, and how to leave it as it was. */
export interface EmptyDirectory {
  readonly path: string;
  /** Removes the directories that were made, as far as they are empty. */
  undo(): Promise<void>;
}

/** Takes an empty or absent directory. Throws DIRECTORY_NOT_EMPTY, FILE_UNREADABLE. */
export async function takeEmptyDirectory(path: string): Promise<EmptyDirectory> {
  const directory = resolve(path);
  let first: string | undefined;
  try {
    first = await makeDirectories(directory);
    const names = await readdir(directory);
    if (names.length > 0) {
      throw new ChanceryError('DIRECTORY_NOT_EMPTY', `${directory} is not empty`, {
        hint: 'choose a directory that is empty or not there yet; nothing was changed',
      });
    }
  } catch (cause) {
    if (cause instanceof ChanceryError) throw cause;
    throw new ChanceryError(
      'FILE_UNREADABLE',
      `cannot use the directory ${directory} (${systemCode(cause) ?? String(cause)})`,
      { cause, hint: 'choose a directory this user may make or write in; nothing was changed' },
    );
  }
  return {
    path: directory,
    undo: async () => {
      if (first !== undefined) await removeDirectories(directory, first);
    },
  };
}

/**
 * Makes a directory and those above it; the first one made, or undefined. Not with mkdir's own `recursive`: where the
 * system says ENOENT although the parent is there, as under /proc, Node 20 tries for ever.
 */
async function makeDirectories(directory: string): Promise<string | undefined> {
  const missing: string[] = [];
  for (let at = directory; !(await exists(at)); at = dirname(at)) missing.unshift(at);
  const [first] = missing;
  let made = first;
  try {
    for (made of missing) await mkdir(made);
  } catch (error) {
    if (first !== undefined && made !== undefined && made !== first) {
      await removeDirectories(dirname(made), first);
    }
    throw error;
  }
  return first;
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** From the innermost outwards, as far as they are empty. */
async function removeDirectories(innermost: string, outermost: string): Promise<void> {
  for (let at = innermost; ; at = dirname(at)) {
    try {
      await rmdir(at);
    } catch {
      return;
    }
    if (at === outermost) return;
  }
}
