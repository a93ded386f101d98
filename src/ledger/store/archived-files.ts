import { basename, dirname, join } from 'node:path';
import { systemCode, type Files, type OpenFile } from '../../core/files.js';
import { segmentFirst } from './paths.js';

/**
 * The same files, with the segments that were moved out of a ledger's directory standing in it still: whoever reads
 * the ledger reads them where they are. What is in the directory goes first, so that a copy counts only once the
 * original is gone; what is written is written in the directory. Paths are compared as they are given.
 */
export function withArchives(files: Files, directory: string, archives: readonly string[]): Files {
  if (archives.length === 0) return files;
  return {
    list: async (asked) => {
      const own = await files.list(asked);
      if (own === null || asked !== directory) return own;
      const names = new Set(own);
      for (const archive of archives) {
        for (const name of (await files.list(archive)) ?? [])
          if (segmentFirst(name) !== null) names.add(name);
      }
      return [...names].sort();
    },
    open: (path, mode) =>
      mode === 'read' && dirname(path) === directory && segmentFirst(basename(path)) !== null
        ? openFirst(files, [directory, ...archives], basename(path))
        : files.open(path, mode),
    makeDirectory: (path) => files.makeDirectory(path),
    rename: (from, to) => files.rename(from, to),
    remove: (path) => files.remove(path),
    removeDirectory: (path) => files.removeDirectory(path),
    syncDirectory: (path) => files.syncDirectory(path),
    lock: (path) => files.lock(path),
  };
}

/** Rejects with ENOENT when none of the directories holds it. */
async function openFirst(files: Files, directories: readonly string[], name: string): Promise<OpenFile> {
  let absent: unknown;
  for (const directory of directories) {
    try {
      return await files.open(join(directory, name), 'read');
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
      absent = error;
    }
  }
  throw absent;
}
