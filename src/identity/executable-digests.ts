import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import type { Executable } from '../os/executable.js';
import { noDescriptor } from './no-descriptor.js';

/** Larger executables have no digest: one caller must not keep the daemon reading. Node is 99 MB. */
const MAX_BYTES = 512 * 1024 * 1024;
const CHUNK_BYTES = 256 * 1024;
const CACHE_ENTRIES = 256;

/** One for the daemon: remembers digests by device, inode, size, mtime and ctime. */
export class ExecutableDigests {
  readonly #known = new Map<string, string>();
  #queue: Promise<unknown> = Promise.resolve();

  /**
   * SHA-256 of the pinned executable, 64 lower-case hex digits; null when it cannot be read or changed while it was
   * read. Callers wait in one queue, so many connections cost no more reading at a time than one; the loop is free
   * between chunks. Throws OVERLOADED when no descriptor is left to read it by.
   */
  async of(executable: Executable): Promise<string | null> {
    const digest = this.#queue.then(() => this.#read(executable));
    this.#queue = digest.catch(() => undefined);
    return digest;
  }

  async #read(executable: Executable): Promise<string | null> {
    let file: FileHandle | undefined;
    try {
      // Through the pinned descriptor, never the path: the path may name another file by now.
      file = await open(`/proc/self/fd/${String(executable.fd)}`, 'r');
      const before = await version(file);
      if (before.size > MAX_BYTES) return null;
      const known = this.#known.get(before.key);
      if (known !== undefined) return known;
      const digest = await hash(file);
      const after = await version(file);
      if (after.key !== before.key) return null;
      if (this.#known.size >= CACHE_ENTRIES) this.#known.clear();
      this.#known.set(before.key, digest);
      return digest;
    } catch (error) {
      const overloaded = noDescriptor(error);
      if (overloaded !== null) throw overloaded;
      return null;
    } finally {
      await file?.close();
    }
  }
}

async function version(file: FileHandle): Promise<{ readonly key: string; readonly size: number }> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await file.stat({ bigint: true });
  return { key: [dev, ino, size, mtimeNs, ctimeNs].join(':'), size: Number(size) };
}

async function hash(file: FileHandle): Promise<string> {
  const digest = createHash('sha256');
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  for (let position = 0; ;) {
    const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES, position);
    if (bytesRead === 0) return digest.digest('hex');
    digest.update(chunk.subarray(0, bytesRead));
    position += bytesRead;
  }
}
