import { setTimeout } from 'node:timers/promises';
import type { FileHandle } from 'node:fs/promises';
import type { Line } from './lines.js';

/** The byte that hashing overwrites in a line: it cannot be compared. */
const OVERWRITTEN = 64;
/** A write that is being copied to the page cache is there whole long before. */
const WRITE_IN_PROGRESS_MS = 20;

/**
 * Whether a daemon wrote on since `line`, which is not sound, was read. Its bytes come page by page, so that a reader
 * can see the end of a write and not its beginning, or the next writes and not this one: that is no damage, and
 * reading goes on from the same place. On files that nobody writes the answer is always no. Throws what the file
 * system throws.
 */
export async function movedOn(file: FileHandle, line: Line): Promise<boolean> {
  if (await differs(file, line)) return true;
  if (line.end !== 'tail') return false;
  await setTimeout(WRITE_IN_PROGRESS_MS);
  return differs(file, line);
}

async function differs(file: FileHandle, { offset, seen, end }: Line): Promise<boolean> {
  // Where nothing was seen the file ended; but for an empty line, which has only its line feed behind it.
  const now = Buffer.alloc(end === 'line-feed' ? seen.length : Math.max(seen.length, 1));
  const { bytesRead } = await file.read(now, 0, now.length, offset);
  if (bytesRead !== seen.length) return true;
  const before = Buffer.from(seen);
  if (bytesRead > OVERWRITTEN) before[OVERWRITTEN] = now[OVERWRITTEN] = 0;
  return !now.subarray(0, bytesRead).equals(before);
}
