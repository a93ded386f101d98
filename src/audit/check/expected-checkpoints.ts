import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ChanceryError } from '../../core/errors.js';
import { problem, type Problem } from '../read/damage.js';
import { openCheckpoint } from './checkpoint.js';
import type { Expected } from './checkpoint-check.js';
import type { NoteKey } from './note.js';

/** The ledger's own newest checkpoint, if it has one. */
export const CHECKPOINT_FILE = 'checkpoint';
/** The newest that a quorum of witnesses cosigned, if there are witnesses. */
export const COSIGNED_FILE = 'cosigned';

export interface CheckpointFiles {
  readonly source: string;
  readonly bytes: Uint8Array;
}

/** `ledger/checkpoint`, `ledger/cosigned` and every retained one. Throws FILE_UNREADABLE. */
export async function readCheckpoints(
  directory: string,
  retained: readonly string[],
): Promise<CheckpointFiles[]> {
  const files: CheckpointFiles[] = [];
  for (const source of [CHECKPOINT_FILE, COSIGNED_FILE]) {
    const bytes = await readIfPresent(join(directory, source));
    if (bytes !== null) files.push({ source, bytes });
  }
  for (const path of retained) {
    const bytes = await readIfPresent(path);
    if (bytes === null) throw new ChanceryError('FILE_UNREADABLE', `there is no checkpoint ${path}`);
    files.push({ source: path, bytes });
  }
  return files;
}

async function readIfPresent(path: string): Promise<Uint8Array | null> {
  try {
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw new ChanceryError('FILE_UNREADABLE', `cannot read ${path}`, { cause });
  }
}

/** Opens them with the keys that count; one that does not hold, or is of another ledger, is a problem. */
export function expectedCheckpoints(
  files: readonly CheckpointFiles[],
  origin: string,
  keys: readonly NoteKey[],
  report: (problem: Problem) => void,
): Expected[] {
  const expected: Expected[] = [];
  for (const { source, bytes } of files) {
    const checkpoint = openCheckpoint(bytes, keys);
    if (typeof checkpoint === 'string')
      report(problem('checkpoint', `${source} does not hold: ${checkpoint}`));
    else if (checkpoint.origin !== origin) {
      report(problem('checkpoint', `${source} is of ${checkpoint.origin}, this ledger is ${origin}`));
    } else if (checkpoint.size === 0) report(problem('checkpoint', `${source} vouches for an empty ledger`));
    else expected.push({ source, checkpoint, bytes });
  }
  return expected;
}
