import type { FileHandle } from 'node:fs/promises';

/** A line and where it begins. `bytes` are valid until the next batch is asked for. */
export interface Line {
  readonly offset: number;
  /** Without the line feed. */
  readonly bytes: Buffer;
  /** With the zero bytes that were read after them, where there is no line feed. */
  readonly seen: Buffer;
  /**
   * `tail`: bytes after the last line feed, with nothing but zero bytes (reserved space) behind them. `stray`:
   * the same, but something else follows, or they are longer than any line.
   */
  readonly end: 'line-feed' | 'tail' | 'stray';
}

const CHUNK = 1 << 18;
const LINE_FEED = 0x0a;

/**
 * The lines of a file, a batch for each chunk read, never the whole file in memory. Zero bytes at the end are
 * space reserved for lines to come and are no line. `start` is the offset of a line. Throws what the file system
 * throws.
 */
export async function* readLines(
  file: FileHandle,
  maxLine: number,
  start = 0,
): AsyncGenerator<readonly Line[], void, void> {
  const buffer = Buffer.allocUnsafe(maxLine + CHUNK);
  let offset = start;
  let kept = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, kept, CHUNK, offset + kept);
    const end = kept + bytesRead;
    const batch: Line[] = [];
    let from = 0;
    for (
      let at = buffer.indexOf(LINE_FEED, kept);
      at !== -1 && at < end;
      at = buffer.indexOf(LINE_FEED, from)
    ) {
      const bytes = buffer.subarray(from, at);
      batch.push({ offset: offset + from, bytes, seen: bytes, end: 'line-feed' });
      from = at + 1;
    }
    const rest = buffer.subarray(from, end);
    if (bytesRead === 0 || rest.length > maxLine || rest[0] === 0) {
      const tail = withoutZeros(rest);
      const clean = tail.length <= maxLine && (await onlyZeros(file, offset + end));
      if (tail.length > 0 || !clean) {
        const ending = clean && rest[0] !== 0 ? 'tail' : 'stray';
        batch.push({ offset: offset + from, bytes: tail, seen: rest, end: ending });
      }
      if (batch.length > 0) yield batch;
      return;
    }
    if (batch.length > 0) yield batch;
    buffer.copyWithin(0, from, end);
    offset += from;
    kept = rest.length;
  }
}

/** The bytes without the zeros at their end. */
export function withoutZeros(bytes: Buffer): Buffer {
  let length = bytes.length;
  while (length > 0 && bytes[length - 1] === 0) length -= 1;
  return bytes.subarray(0, length);
}

/** Whether the file holds nothing but zero bytes from `offset` on. */
async function onlyZeros(file: FileHandle, offset: number): Promise<boolean> {
  const buffer = Buffer.allocUnsafe(CHUNK);
  const zeros = Buffer.alloc(CHUNK);
  for (let at = offset; ;) {
    const { bytesRead } = await file.read(buffer, 0, CHUNK, at);
    if (bytesRead === 0) return true;
    if (buffer.compare(zeros, 0, bytesRead, 0, bytesRead) !== 0) return false;
    at += bytesRead;
  }
}
