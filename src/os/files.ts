import { close, constants, fstat, fsync, ftruncate, open, read, write } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';
import { systemCode, type FileLock, type Files, type OpenFile } from '../core/files.js';
import { tryLockExclusive } from './flock.js';
import { makeDirectories } from './make-directories.js';

const { O_CREAT, O_DSYNC, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = constants;

/**
 * O_DSYNC makes one system call out of write and fdatasync. The calls go through libuv's pool, not the main
 * thread: a disk that stalls must not stop freezes (which hold from the fold at once), health or reads. O_NONBLOCK is
 * nothing to a file; a pipe in its place would hold up a start, which then hears no SIGTERM.
 */
const FLAGS = {
  read: O_RDONLY | O_NOFOLLOW | O_NONBLOCK,
  create: O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW,
  commit: O_WRONLY | O_DSYNC | O_NOFOLLOW,
} as const;

const openFile = promisify(open);
const closeFile = promisify(close);
const syncFile = promisify(fsync);
const truncateFile = promisify(ftruncate);
const fileStatus = promisify(fstat);

/** The real file system of this machine (Linux). */
export function nodeFiles(): Files {
  return {
    async list(directory) {
      try {
        return (await readdir(directory)).sort();
      } catch (error) {
        if (systemCode(error) === 'ENOENT') return null;
        throw error;
      }
    },
    async makeDirectory(directory) {
      const first = await makeDirectories(directory, 0o700);
      if (first === undefined) return;
      // Every directory that gained a name, from the new one up to the parent of the first one made.
      const last = dirname(resolve(first));
      for (let at = dirname(resolve(directory)); ; at = dirname(at)) {
        await syncDirectory(at);
        if (at === last) return;
      }
    },
    open: async (path, mode) => new NodeFile(path, await openFile(path, FLAGS[mode], 0o600)),
    rename: (from, to) => rename(from, to),
    remove: (path) => rm(path, { force: true }),
    removeDirectory: (path) => rm(path, { force: true, recursive: true }),
    syncDirectory,
    async lock(path): Promise<FileLock | null> {
      const fd = await openFile(path, O_CREAT | O_RDWR | O_NOFOLLOW, 0o600);
      let held = false;
      try {
        held = tryLockExclusive(fd);
      } finally {
        if (!held) await closeFile(fd);
      }
      if (!held) return null;
      let released: Promise<void> | null = null;
      // Once: the number may belong to another file by the second time.
      return { release: () => (released ??= closeFile(fd)) };
    },
  };
}

async function syncDirectory(directory: string): Promise<void> {
  const fd = await openFile(directory, O_RDONLY);
  try {
    await naming(directory, syncFile(fd));
  } finally {
    await closeFile(fd);
  }
}

/** What a descriptor refuses is said without the name of its file, which is what somebody has to know first. */
function named(error: Error, path: string): Error {
  error.message += ` '${path}'`;
  return Object.assign(error, { path });
}

async function naming<Result>(path: string, call: Promise<Result>): Promise<Result> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Error) named(error, path);
    throw error;
  }
}

class NodeFile implements OpenFile {
  readonly #path: string;
  readonly #fd: number;

  constructor(path: string, fd: number) {
    this.#path = path;
    this.#fd = fd;
  }

  async size(): Promise<number> {
    return (await naming(this.#path, fileStatus(this.#fd))).size;
  }

  async read(buffer: Uint8Array, position: number): Promise<number> {
    let filled = 0;
    while (filled < buffer.length) {
      const got = await this.#readOnce(buffer, filled, position + filled);
      if (got === 0) break;
      filled += got;
    }
    return filled;
  }

  #readOnce(buffer: Uint8Array, offset: number, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      read(this.#fd, buffer, offset, buffer.length - offset, position, (error, got) => {
        if (error === null) resolve(got);
        else reject(named(error, this.#path));
      });
    });
  }

  write(bytes: Uint8Array, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      write(this.#fd, bytes, 0, bytes.length, position, (error, written) => {
        if (error === null) resolve(written);
        else reject(named(error, this.#path));
      });
    });
  }

  sync(): Promise<void> {
    return naming(this.#path, syncFile(this.#fd));
  }

  truncate(length: number): Promise<void> {
    return naming(this.#path, truncateFile(this.#fd, length));
  }

  close(): Promise<void> {
    return closeFile(this.#fd);
  }
}
