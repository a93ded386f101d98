import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { ChanceryError } from './errors.js';
import { systemCode } from './files.js';

/** Above every file that is read whole: a policy, an IDL, a statement, a checkpoint, what a torn write left. Bytes. */
export const MAX_INPUT_BYTES = 16 * 1024 * 1024;

const STEP_BYTES = 64 * 1024;

/** Whether a named pipe is waited for: only where a person gave it (`<(…)` in a shell) and can break it off. */
type Pipes = 'refused' | 'awaited';

/**
 * The bytes of a file, at most `most`: a device or a file that grows without end is refused instead of filling the
 * memory, and a pipe instead of holding up a daemon that could not even be told to stop. `what` names it in the message.
 * Throws FILE_UNREADABLE with the system's error as cause.
 */
export function readFileUpTo(
  path: string,
  what: string,
  most = MAX_INPUT_BYTES,
  pipes: Pipes = 'refused',
): Buffer {
  let read: Buffer | string;
  try {
    read = readUpTo(path, most, pipes);
  } catch (cause) {
    throw new ChanceryError('FILE_UNREADABLE', `cannot read ${what}`, { cause });
  }
  if (typeof read !== 'string') return read;
  throw new ChanceryError('FILE_UNREADABLE', `${what} ${read}`, { hint: 'name the file that is meant' });
}

/** The same, or null when there is no such file. */
export function readFileIfThere(path: string, what = path, pipes: Pipes = 'refused'): Buffer | null {
  try {
    return readFileUpTo(path, what, MAX_INPUT_BYTES, pipes);
  } catch (error) {
    if (error instanceof ChanceryError && systemCode(error.cause) === 'ENOENT') return null;
    throw error;
  }
}

/** The bytes, or what is wrong with the file. */
function readUpTo(path: string, most: number, pipes: Pipes): Buffer | string {
  const { O_NONBLOCK, O_RDONLY } = constants;
  const fd = openSync(path, pipes === 'awaited' ? O_RDONLY : O_RDONLY | O_NONBLOCK);
  try {
    if (pipes === 'refused' && fstatSync(fd).isFIFO()) return 'is a pipe and no file';
    const chunks: Buffer[] = [];
    for (let size = 0; size <= most;) {
      const chunk = Buffer.alloc(STEP_BYTES);
      const length = readSync(fd, chunk, 0, chunk.length, null);
      if (length === 0) return Buffer.concat(chunks);
      chunks.push(chunk.subarray(0, length));
      size += length;
    }
    return `is longer than ${String(most)} bytes`;
  } finally {
    closeSync(fd);
  }
}
