import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ChanceryError } from '../core/errors.js';
import { systemCode } from '../core/files.js';
import { makeDirectories, removeDirectories } from '../os/make-directories.js';

/** A directory that was empty or absent, and how to leave it as it was. */
export interface EmptyDirectory {
  /** Removes the directories that were made, as far as they are empty. */
  undo(): Promise<void>;
}

/** Where `init` builds, inside the directory. */
export const STAGE_PREFIX = '.init-';

/** Takes an empty or absent directory. Throws DIRECTORY_NOT_EMPTY, FILE_UNREADABLE. */
export async function takeEmptyDirectory(path: string): Promise<EmptyDirectory> {
  const directory = resolve(path);
  let first: string | undefined;
  try {
    first = await makeDirectories(directory, 0o755);
    const names = await readdir(directory);
    if (names.length > 0) {
      throw new ChanceryError('DIRECTORY_NOT_EMPTY', `${directory} is not empty`, {
        hint: brokenOff(names)
          ? 'left by an init that was broken off, unless one runs at this moment: when none does, remove the directory and run init again'
          : 'choose a directory that is empty or not there yet; nothing was changed',
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
    undo: async () => {
      if (first !== undefined) await removeDirectories(directory, first);
    },
  };
}

/** The stage is the last that goes and chancery.yaml the last that comes: without it the set-up does not exist. */
function brokenOff(names: readonly string[]): boolean {
  return names.some((name) => name.startsWith(STAGE_PREFIX)) && !names.includes('chancery.yaml');
}
