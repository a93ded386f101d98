import { join } from 'node:path';
import { MAX_INPUT_BYTES, readFileIfThere, readFileUpTo } from '../../core/read-file.js';
import { problem, type Problem } from '../read/damage.js';
import { openCheckpoint } from './checkpoint.js';
import type { Expected } from './checkpoint-check.js';
import { CHECKPOINT_FILE, COSIGNED_FILE } from './note-files.js';
import type { NoteKey } from './note.js';

export interface CheckpointFile {
  readonly source: string;
  /** Whether it stands beside the ledger; one that was kept elsewhere may have the same name. */
  readonly beside: boolean;
  readonly bytes: Uint8Array;
}

/** `ledger/checkpoint`, `ledger/cosigned` and every retained one. Throws FILE_UNREADABLE. */
export function readCheckpoints(directory: string, retained: readonly string[]): CheckpointFile[] {
  const files: CheckpointFile[] = [];
  for (const source of [CHECKPOINT_FILE, COSIGNED_FILE]) {
    const bytes = readFileIfThere(join(directory, source));
    if (bytes !== null) files.push({ source, beside: true, bytes });
  }
  return [
    ...files,
    ...retained.map((path) => ({
      source: path,
      beside: false,
      bytes: readFileUpTo(path, path, MAX_INPUT_BYTES, 'awaited'),
    })),
  ];
}

/**
 * Opens them with the ledger's key, whose name is its origin; one that does not hold is a problem, and so is one of
 * another ledger, which that key did not sign under this name.
 */
export function expectedCheckpoints(
  files: readonly CheckpointFile[],
  key: NoteKey,
  report: (problem: Problem) => void,
): Expected[] {
  const expected: Expected[] = [];
  for (const { source, beside, bytes } of files) {
    const checkpoint = openCheckpoint(bytes, [key]);
    if (typeof checkpoint === 'string') {
      report(problem('checkpoint', `${source} does not hold: ${checkpoint}`));
    } else if (checkpoint.size === 0) report(problem('checkpoint', `${source} vouches for an empty ledger`));
    else expected.push({ source, beside, checkpoint, bytes });
  }
  return expected;
}
