import type { FileHandle } from 'node:fs/promises';
import { ChainCheck, type ChainedEntry } from './chain-check.js';
import { withoutZeros } from './lines.js';

/** What disks write whole or not at all. */
const SECTOR_BYTES = 512;
const LINE_FEED = 0x0a;
/** One write of the ledger is far below this. */
const MAX_WRITE_BYTES = 64 << 20;

/**
 * Whether what is wrong at `offset` of the last segment can be a power cut in the middle of one write, with
 * nothing lost that anybody was told of. Segments are zero before they are written and entries hold no zero byte,
 * so sectors that never reached the disk read as zero; and no line of a later write can follow, since that begins
 * only when this one is durable. `due` is the sequence that should stand there.
 */
export async function isTornWrite(file: FileHandle, offset: number, due: number): Promise<boolean> {
  const { size } = await file.stat();
  if (size - offset > MAX_WRITE_BYTES + (16 << 20)) return false;
  const buffer = Buffer.alloc(size - offset);
  const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
  const bytes = withoutZeros(buffer.subarray(0, bytesRead));
  if (beginsWithWholeLine(bytes) || endsInWrongByte(bytes)) return false;
  return lostSectorsOnly(bytes, offset) && !laterWriteFollows(bytes, due);
}

/** Then that one is wrong, as no power cut makes it, whatever was torn behind it. */
function beginsWithWholeLine(bytes: Buffer): boolean {
  const end = bytes.indexOf(LINE_FEED);
  return end !== -1 && !bytes.subarray(0, end).includes(0);
}

/** At least one run of zero bytes, and every run made of whole sectors (the first may begin with the write). */
function lostSectorsOnly(bytes: Buffer, offset: number): boolean {
  let runs = 0;
  for (let start = bytes.indexOf(0); start !== -1; runs++) {
    let end = start;
    while (bytes[end] === 0) end += 1;
    if (start > 0 && (offset + start) % SECTOR_BYTES !== 0) return false;
    if ((offset + end) % SECTOR_BYTES !== 0) return false;
    start = bytes.indexOf(0, end);
  }
  return runs > 0;
}

function laterWriteFollows(bytes: Buffer, due: number): boolean {
  for (const line of bytes.toString('latin1').split('\n')) {
    const whole = line.slice(line.lastIndexOf('\0') + 1);
    const sound = soundAlone(Buffer.from(whole, 'latin1'));
    if (sound === null) continue;
    const { sequence, batch = sequence } = sound.entry;
    if (Number(batch) > due || Number(sequence) < due) return true;
  }
  return false;
}

/**
 * Whether the last line is whole but for the byte that ends it, which is not what it was written as: a torn write leaves
 * no byte there, or a zero.
 */
export function endsInWrongByte(bytes: Buffer): boolean {
  const last = bytes.subarray(bytes.lastIndexOf(LINE_FEED) + 1);
  return soundAlone(Buffer.from(last.subarray(0, -1))) !== null;
}

/** A line whose hash and form hold, wherever it stands. */
function soundAlone(line: Buffer): ChainedEntry | null {
  const sequence = /"sequence":"(0|[1-9]\d{0,15})"/.exec(line.toString('latin1'))?.[1];
  if (sequence === undefined) return null;
  const accepted = new ChainCheck({ sequence: Number(sequence), previous: null }).accept(line);
  return 'message' in accepted ? null : accepted;
}
