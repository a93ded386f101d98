import { join } from 'node:path';
import { ChanceryError } from '../../core/errors.js';
import { readFileIfThere } from '../../core/read-file.js';
import { voidedName } from '../check/checkpoint-check.js';
import { replaceFile } from './durable-files.js';

/**
 * Puts a note about a ledger (its second line is a size) into the copy, unless the one there covers more, or an accepted
 * rollback gave up what it covers (`givenUp`, by `voidedName`). One that is none must not take the place of a sound
 * one. Throws LEDGER_DAMAGED, FILE_UNREADABLE.
 */
export async function copyNote(
  name: string,
  note: Buffer,
  { entries, givenUp }: { readonly entries: number; readonly givenUp: ReadonlySet<string> },
  to: string,
): Promise<void> {
  const head = headOf(note);
  if (head !== null && givenUp.has(voidedName(head))) return;
  if (head === null || head.size > entries) {
    const what =
      head === null
        ? 'is no checkpoint'
        : `covers ${String(head.size)} entries, there are ${String(entries)}`;
    throw new ChanceryError('LEDGER_DAMAGED', `${name} beside the ledger ${what}`, {
      hint: 'run `chancery ledger verify`, with a checkpoint kept elsewhere',
    });
  }
  const there = readFileIfThere(join(to, name));
  const has = there === null ? -1 : (headOf(there)?.size ?? -1);
  if (has < head.size) await replaceFile(to, name, note);
}

function headOf(note: Buffer): { readonly size: number; readonly root: string } | null {
  const [, size, root] = /^[^\n]*\n(0|[1-9]\d{0,14})\n([^\n]*)/.exec(note.toString('latin1')) ?? [];
  return size === undefined || root === undefined ? null : { size: Number(size), root };
}
