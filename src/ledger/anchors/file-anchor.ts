import { basename, dirname } from 'node:path';
import { ChanceryError } from '../../core/errors.js';
import { systemCode, type Files } from '../../core/files.js';
import { openSignedCheckpoint, readNoteFile, writeNoteFile } from '../checkpoint/signed-checkpoint.js';
import type { NoteKey } from '../note/key.js';
import type { Anchor } from './anchor.js';

/**
 * A copy of the checkpoint on another path. Worth as much as that path is apart from the ledger: on the same disk, or
 * in the same backup, it proves nothing. The directory must exist: one that is not mounted must not look empty.
 */
export function fileAnchor(files: Files, path: string, lag: number, key: NoteKey): Anchor {
  const name = `file ${path}`;
  const directory = dirname(path);
  const refuse = (why: string, cause?: unknown): ChanceryError =>
    new ChanceryError('LEDGER_UNAVAILABLE', `the anchor ${name} ${why}`, {
      cause,
      hint: 'mount or repair what it stands on',
    });
  return {
    id: JSON.stringify(['file', path, lag]),
    name,
    lag,
    read: async () => {
      const bytes = await attempt(async () => {
        if ((await files.list(directory)) === null) throw refuse('has no directory');
        return readNoteFile(files, path);
      }, refuse);
      if (bytes === null) return [];
      const checkpoint = openSignedCheckpoint(bytes, key);
      if (checkpoint === null) throw refuse('is not a checkpoint that the ledger key signed');
      return [{ checkpoint, witnessed: null }];
    },
    write: ({ note }) =>
      attempt(async () => {
        if ((await files.list(directory)) === null) throw refuse('has no directory');
        await writeNoteFile(files, directory, basename(path), note);
      }, refuse),
  };
}

async function attempt<Result>(
  action: () => Promise<Result>,
  refuse: (why: string, cause: unknown) => ChanceryError,
): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof ChanceryError) throw error;
    throw refuse(`cannot be used (${systemCode(error) ?? String(error)})`, error);
  }
}
