import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { ChanceryError } from '../../core/errors.js';

const CHUNK = 1 << 20;
const { O_CREAT, O_NOFOLLOW, O_RDWR } = constants;

/** A segment and how much of it is entries. */
export interface SegmentBytes {
  readonly name: string;
  readonly path: string;
  readonly end: number;
}

/** What to do when a copy and the ledger are not of one history. */
export function notOneHistory(to: string, what: string): ChanceryError {
  return new ChanceryError('LEDGER_DAMAGED', `the copy in ${to} is no beginning of this ledger: ${what}`, {
    hint: 'keep both: one was changed, or an older copy restored; verify each, and back up into a new directory',
  });
}

/**
 * Adds to the copy in `to` what it lacks of the segment; returns the bytes added. What it has is compared byte for
 * byte. Where the power goes, the copy ends somewhere in the segment and the next call goes on from there. Durable
 * when it resolves, but for the name. Throws LEDGER_DAMAGED, FILE_UNREADABLE.
 */
export async function extendCopy({ name, path, end }: SegmentBytes, to: string): Promise<number> {
  const source = await open(path, 'r');
  try {
    const copy = await open(join(to, name), O_CREAT | O_RDWR | O_NOFOLLOW, 0o600);
    try {
      const status = await copy.stat();
      if (!status.isFile()) {
        throw new ChanceryError('FILE_UNREADABLE', `${join(to, name)} is no file`, {
          hint: 'move it away, or back up into another directory',
        });
      }
      const { size } = status;
      if (size > end) throw notOneHistory(to, `it has more of ${name}`);
      if (size === end && (await same(source, copy, end))) return 0;
      if (!(await same(source, copy, size))) throw notOneHistory(to, `${name} differs`);
      for await (const { bytes, position } of chunks(source, size, end))
        await writeAll(copy, bytes, position);
      await copy.sync();
      return end - size;
    } finally {
      await copy.close();
    }
  } finally {
    await source.close();
  }
}

async function same(source: FileHandle, copy: FileHandle, length: number): Promise<boolean> {
  const theirs = Buffer.alloc(Math.min(CHUNK, length));
  for await (const { bytes, position } of chunks(source, 0, length)) {
    const { bytesRead } = await copy.read(theirs, 0, bytes.length, position);
    if (bytesRead !== bytes.length || !bytes.equals(theirs.subarray(0, bytesRead))) return false;
  }
  return true;
}

/** `bytes` are valid until the next are asked for. */
async function* chunks(
  file: FileHandle,
  start: number,
  end: number,
): AsyncGenerator<{ readonly bytes: Buffer; readonly position: number }, void, void> {
  const buffer = Buffer.alloc(Math.min(CHUNK, end - start));
  for (let position = start; position < end;) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, end - position), position);
    if (bytesRead === 0)
      throw new ChanceryError('LEDGER_DAMAGED', 'a segment became shorter while it was copied');
    yield { bytes: buffer.subarray(0, bytesRead), position };
    position += bytesRead;
  }
}

async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  }
}
