import type { OpenFile } from '../../core/files.js';
import { readLine, type Fault, type Line } from '../chain.js';
import { MAX_LINE_BYTES, NEWLINE } from '../entry-text.js';

const CHUNK_BYTES = 1 << 18;
const ZEROS = Buffer.alloc(CHUNK_BYTES);

export interface Scanned {
  /** Just after the last good line. */
  readonly end: number;
  /** Why the bytes at `end` are not a line; null when only zero bytes follow. */
  readonly fault: Fault | null;
}

/**
 * Reads a segment line by line in constant memory. Stops at the first line that is bad, or that `visit` finds
 * fault with. A daemon may write the segment meanwhile, and a read may catch a write half way: bytes are bad when they
 * stay so.
 */
export async function scanSegment(file: OpenFile, visit: (line: Line) => Fault | null): Promise<Scanned> {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  let end = 0;
  for (;;) {
    const chunk = buffer.subarray(0, await file.read(buffer, end));
    const { length, bad, refused } = visitLines(chunk, visit);
    end += length;
    if (refused !== null) return { end, fault: refused };
    if (bad === null && length > 0) continue;
    const rest = chunk.subarray(length);
    if (bad === null && isZero(rest) && (await onlyZeros(file, end + rest.length)))
      return { end, fault: null };
    // Zero bytes too: while what is behind them was looked at, so much may have been written that it was met there.
    if (await changes(file, end, rest)) continue;
    return { end, fault: bad ?? unended(rest) };
  }
}

interface Visited {
  /** Bytes of the lines that are good. */
  readonly length: number;
  /** Why the next line cannot be read; null when it can, or none ends in the chunk. */
  readonly bad: Fault | null;
  /** What `visit` found. */
  readonly refused: Fault | null;
}

function visitLines(chunk: Buffer, visit: (line: Line) => Fault | null): Visited {
  let length = 0;
  for (let newline = chunk.indexOf(NEWLINE); newline !== -1; newline = chunk.indexOf(NEWLINE, length)) {
    const line = readLine(chunk.subarray(length, newline + 1));
    if ('kind' in line) return { length, bad: line, refused: null };
    const refused = visit(line);
    if (refused !== null) return { length, bad: null, refused };
    length = newline + 1;
  }
  return { length, bad: null, refused: null };
}

/** Whether other bytes stand there by now. */
async function changes(file: OpenFile, from: number, bytes: Buffer): Promise<boolean> {
  const again = Buffer.allocUnsafe(bytes.length);
  return !again.subarray(0, await file.read(again, from)).equals(bytes);
}

function unended({ length }: Buffer): Fault {
  const message =
    length > MAX_LINE_BYTES ? 'the line is longer than an entry can be' : 'the last line does not end';
  return { kind: 'line', message };
}

async function onlyZeros(file: OpenFile, from: number): Promise<boolean> {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  for (let at = from; ; at += CHUNK_BYTES) {
    const filled = await file.read(buffer, at);
    if (!isZero(buffer.subarray(0, filled))) return false;
    if (filled < CHUNK_BYTES) return true;
  }
}

function isZero(bytes: Buffer): boolean {
  return ZEROS.compare(bytes, 0, bytes.length, 0, bytes.length) === 0;
}
