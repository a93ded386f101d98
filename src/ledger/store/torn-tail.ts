import { readLine, type Line } from '../chain.js';
import { NEWLINE } from '../entry-text.js';

/** What disks write whole or not at all; larger units are multiples of it. */
const SECTOR_BYTES = 512;

export interface TornTail {
  /** Bytes to cut: everything after the last good line but the zero bytes at the very end. */
  readonly bytes: Buffer;
}

/**
 * Tells a write that a crash tore from damage. `tail` is what follows the last good line, up to the end of the
 * segment; `offset` is where it begins in the file; `expected` is the sequence that should stand there.
 *
 * A segment is zero before it is written, so a torn write leaves its own bytes and zero bytes, in whole sectors
 * or as a prefix, and entries hold no zero bytes. It holds nothing of a later write, since that begins only
 * after the torn one was durable. Anything else is bit rot or tampering and must not be cut: a text says what.
 */
export function judgeTail(tail: Buffer, offset: number, expected: number): TornTail | string {
  let used = tail.length;
  while (used > 0 && tail[used - 1] === 0) used -= 1;
  const bytes = tail.subarray(0, used);
  for (const line of linesIn(bytes)) {
    if (line.sequence < expected) return `entry ${String(line.sequence)} stands a second time`;
    if (line.batch > expected) return `entry ${String(line.sequence)} of a later write follows`;
  }
  const first = bytes.indexOf(NEWLINE);
  if (first !== -1 && !bytes.subarray(0, first).includes(0)) return 'the line is whole but wrong';
  if (endsInWrongByte(bytes)) return 'the byte that ends the line is wrong';
  if (!onlySectorsLost(bytes, offset)) return 'zero bytes stand where no lost sector can be';
  return { bytes };
}

/** Whole lines after the bad one; a lost sector before a line leaves zero bytes in front of it. */
function* linesIn(bytes: Buffer): Generator<Line> {
  let from = 0;
  for (let newline = bytes.indexOf(NEWLINE); newline !== -1; newline = bytes.indexOf(NEWLINE, from)) {
    const piece = bytes.subarray(from, newline + 1);
    const line = readLine(piece.subarray(piece.lastIndexOf(0) + 1));
    if (!('kind' in line)) yield line;
    from = newline + 1;
  }
}

/** A last line that is complete but for its newline, which a flip changed, was acknowledged perhaps. */
function endsInWrongByte(bytes: Buffer): boolean {
  const last = Buffer.from(bytes.subarray(bytes.lastIndexOf(NEWLINE) + 1));
  if (last.length === 0) return false;
  last[last.length - 1] = NEWLINE;
  return !('kind' in readLine(last));
}

function onlySectorsLost(bytes: Buffer, offset: number): boolean {
  for (let start = bytes.indexOf(0); start !== -1;) {
    let end = start;
    while (bytes[end] === 0) end += 1;
    // The write began at the tail's first byte at the earliest, in the middle of a sector as a rule.
    const begins = start === 0 || (offset + start) % SECTOR_BYTES === 0;
    if (!begins || (offset + end) % SECTOR_BYTES !== 0) return false;
    start = bytes.indexOf(0, end);
  }
  return true;
}
