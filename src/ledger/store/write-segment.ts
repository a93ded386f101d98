import { writeAll, type OpenFile } from '../../core/files.js';

const ZEROS = Buffer.alloc(1 << 20);

/** Zero bytes that are really written: an extent that is only reserved costs a journal commit at each write. */
export async function writeZeros(file: OpenFile, from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += ZEROS.length) {
    await writeAll(file, ZEROS.subarray(0, Math.min(ZEROS.length, to - at)), at);
  }
}

export async function copyBytes(from: OpenFile, to: OpenFile, length: number): Promise<void> {
  const buffer = Buffer.allocUnsafe(1 << 18);
  for (let at = 0; at < length;) {
    const wanted = buffer.subarray(0, Math.min(buffer.length, length - at));
    const got = await from.read(wanted, at);
    if (got === 0) throw new Error('the file became shorter while it was read');
    await writeAll(to, wanted.subarray(0, got), at);
    at += got;
  }
}
