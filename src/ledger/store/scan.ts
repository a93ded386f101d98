import type { OpenFile } from '../../core/files.js';
import { readLine, type Fault, type Line } from '../chain.js';
import { MAX_LINE_BYTES } from '../entry-text.js';

const CHUNK_BYTES = 1 << 18;
const NEWLINE = 0x0a;
const ZEROS = Buffer.alloc(CHUNK_BYTES);

export interface Scanned {
  /** Just after the last good line. */
  readonly end: number;
  /** Why the bytes at `end` are not a line; null when only zero bytes follow. */
  readonly fault: Fault | null;
}

/**
 * Reads a segment line by line in constant memory. Stops at the first line that is bad, or that `visit` finds
 * fault with.
 */
export async function scanSegment(file: OpenFile, visit: (line: Line) => Fault | null): Promise<Scanned> {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  let end = 0;
  for (;;) {
    const filled = await file.read(buffer, end);
    let at = 0;
    for (let newline = buffer.indexOf(NEWLINE); newline !== -1 && newline < filled;) {
      const line = readLine(buffer.subarray(at, newline + 1));
      const fault = 'kind' in line ? line : visit(line);
      if (fault !== null) return { end: end + at, fault };
      at = newline + 1;
      newline = buffer.indexOf(NEWLINE, at);
    }
    end += at;
    if (at > 0) continue;
    if (await onlyZeros(file, end)) return { end, fault: null };
    const message =
      filled > MAX_LINE_BYTES ? 'the line is longer than an entry can be' : 'the last line does not end';
    return { end, fault: { kind: 'line', message } };
  }
}

async function onlyZeros(file: OpenFile, from: number): Promise<boolean> {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  for (let at = from; ; at += CHUNK_BYTES) {
    const filled = await file.read(buffer, at);
    if (ZEROS.compare(buffer, 0, filled, 0, filled) !== 0) return false;
    if (filled < CHUNK_BYTES) return true;
  }
}
