import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ChanceryError } from '../../core/errors.js';

/** One file of the ledger: `<first sequence, 12 digits>.ledger`. */
export interface Segment {
  readonly name: string;
  readonly path: string;
  readonly first: number;
  readonly bytes: number;
}

const NAME = /^(\d{12})\.ledger$/;

/**
 * The segments in the given directories, in order. More than one directory when old segments were moved to an
 * archive; the same name in two of them counts once, the first directory's. Throws LEDGER_MISSING when there is
 * none, FILE_UNREADABLE.
 */
export async function listSegments(directories: readonly string[]): Promise<Segment[]> {
  const found = new Map<string, Segment>();
  for (const directory of directories) {
    for (const name of await names(directory)) {
      const first = NAME.exec(name)?.[1];
      if (first === undefined || found.has(name)) continue;
      const path = join(directory, name);
      const { size } = await stat(path);
      found.set(name, { name, path, first: Number(first), bytes: size });
    }
  }
  if (found.size === 0) {
    throw new ChanceryError('LEDGER_MISSING', `no ledger in ${directories.join(', ')}`, {
      hint: 'the directory that holds files named 000000000000.ledger is meant',
    });
  }
  return [...found.values()].sort((left, right) => left.first - right.first);
}

async function names(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (cause) {
    throw new ChanceryError('FILE_UNREADABLE', `cannot read the directory ${directory}`, { cause });
  }
}
