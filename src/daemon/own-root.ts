import type { Files } from '../core/files.js';
import { rootOf } from '../ledger/anchors/root-of.js';
import { readOwnCheckpoint } from '../ledger/checkpoint/signed-checkpoint.js';
import type { Ledger } from '../ledger/ledger.js';
import type { NoteKey } from '../ledger/note/key.js';

/**
 * The root (base64) of the ledger with so many entries: remembered by the fold, or that of the checkpoint beside it,
 * which was checked when the ledger was opened; else read from the lines, which takes as long as reading them all.
 */
export async function ownRoots(
  ledger: Ledger,
  files: Files,
  directory: string,
  key: NoteKey,
): Promise<(size: number) => Promise<string>> {
  const own = await readOwnCheckpoint(files, directory, key);
  return async (size) => {
    const remembered = ledger.state.rootAt(size);
    if (remembered !== null) return remembered.root;
    if (own?.size === size) return own.root;
    const known = { size: ledger.state.size, root: ledger.state.root() };
    await ledger.durable();
    return rootOf(files, directory, size, known);
  };
}
