import type { Files, OpenFile } from '../../../src/core/files.js';
import { nodeFiles } from '../../../src/os/files.js';

/** The real file system, with a count of what waits for the disk. */
export class CountingFiles {
  /** Writes on descriptors whose every write is durable, and syncs of files and directories. */
  syncs = 0;
  readonly files: Files;

  constructor() {
    const real = nodeFiles();
    this.files = {
      ...real,
      open: async (path, mode) => this.#counted(await real.open(path, mode), mode === 'commit'),
      syncDirectory: (directory) => {
        this.syncs += 1;
        return real.syncDirectory(directory);
      },
    };
  }

  #counted(file: OpenFile, durable: boolean): OpenFile {
    return {
      size: () => file.size(),
      read: (buffer, position) => file.read(buffer, position),
      write: (bytes, position) => {
        if (durable) this.syncs += 1;
        return file.write(bytes, position);
      },
      sync: () => {
        this.syncs += 1;
        return file.sync();
      },
      truncate: (length) => file.truncate(length),
      close: () => file.close(),
    };
  }
}
