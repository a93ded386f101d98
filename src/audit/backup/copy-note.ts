import { join } from 'node:path';
import { ChanceryError } from '../../core/errors.js';
import { readFileIfThere } from '../../core/read-file.js';
import { replaceFile } from './durable-files.js';

/**
 * Puts a note about a ledger (its second line is a size) into the copy, unless the one there covers more. One that
 * is none must not take the place of a sound one. Throws LEDGER_DAMAGED, FILE_UNREADABLE.
 */
export async function copyNote(name: string, note: Buffer, entries: number, to: string): Promise<void> {
  const size = sizeOf(note);
  if (size === null || size > entries) {
    const what =
      size === null ? 'is no checkpoint' : `covers ${String(size)} entries, there are ${String(entries)}`;
    throw new ChanceryError('LEDGER_DAMAGED', `${name} beside the ledger ${what}`, {
      hint: 'run `chancery ledger verify`, with a checkpoint kept elsewhere',
    });
  }
  const there = readFileIfThere(join(to, name));
  if (there === null || (sizeOf(there) ?? -1) < size) await replaceFile(to, name, note);
}

function sizeOf(note: Buffer): number | null {
  const size = /^[^\n]*\n(0|[1-9]\d{0,14})\n/.exec(note.toString('latin1'))?.[1];
  return size === undefined ? null : Number(size);
}
