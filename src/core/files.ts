/**
 * The file system as the ledger needs it: each step at which a crash could change what is on disk is one call,
 * so that a test can stop the world between any two of them. Failures reject with the system's own error
 * (`code` ENOSPC, EIO, EROFS, …).
 */
export interface Files {
  /** Names in a directory, sorted; null when there is no such directory. */
  list(directory: string): Promise<readonly string[] | null>;
  /** Creates the directory (0700) and its parents; nothing when it is there. Durable when it resolves. */
  makeDirectory(directory: string): Promise<void>;
  /**
   * - `read`: an existing file, for reading.
   * - `create`: a new file (0600), for writing; rejects with EEXIST when the name is taken. Nothing is durable
   *   before `sync`, nor the name before `syncDirectory`.
   * - `commit`: an existing file, for writing; each `write` is durable when it resolves.
   */
  open(path: string, mode: 'read' | 'create' | 'commit'): Promise<OpenFile>;
  /** Atomic; durable after `syncDirectory`. */
  rename(from: string, to: string): Promise<void>;
  /** Nothing when there is no such file. */
  remove(path: string): Promise<void>;
  /** The directory with all that is in it; nothing when there is none. Not durable before `syncDirectory`. */
  removeDirectory(directory: string): Promise<void>;
  syncDirectory(directory: string): Promise<void>;
  /** Takes an exclusive lock on a file, made if need be; null when another process holds it. Never waits. */
  lock(path: string): Promise<FileLock | null>;
}

export interface OpenFile {
  size(): Promise<number>;
  /** Fills `buffer` from `position`; the number of bytes read, short only at the end of the file. */
  read(buffer: Uint8Array, position: number): Promise<number>;
  /** The number of bytes written, which MAY be short: on a full disk the rest fails in the next call. */
  write(bytes: Uint8Array, position: number): Promise<number>;
  sync(): Promise<void>;
  truncate(length: number): Promise<void>;
  close(): Promise<void>;
}

/** Held until released or the process ends. */
export interface FileLock {
  /** Again does nothing. */
  release(): Promise<void>;
}

/** Writes all of `bytes`, over as many short writes as it takes. */
export async function writeAll(file: OpenFile, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const written = await file.write(done === 0 ? bytes : bytes.subarray(done), position + done);
    if (written <= 0) throw new Error('the file system wrote nothing and gave no error');
    done += written;
  }
}

/** What `read` makes of a file; null when there is no such file. */
export async function readIfThere<Result>(
  files: Files,
  path: string,
  read: (file: OpenFile) => Promise<Result>,
): Promise<Result | null> {
  let file: OpenFile;
  try {
    file = await files.open(path, 'read');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
  try {
    return await read(file);
  } finally {
    await file.close();
  }
}

/** The system's error code (`ENOSPC`), or null. */
export function systemCode(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}
