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

/** Where a ledger is. */
export interface LedgerFiles {
  readonly directory: string;
  /** Directories to which old segments were moved. */
  readonly archives?: readonly string[];
}

const NAME = /^(\d{12})\.ledger$/;

/**
 * The segments in order, wherever they are; a name that is in two directories counts once, the first directory's.
 * Throws LEDGER_MISSING when there is none, FILE_UNREADABLE.
 */
export async function listSegments({ directory: own, archives = [] }: LedgerFiles): Promise<Segment[]> {
  const directories = [own, ...archives];
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

/** Bytes of all. */
export function sizeOf(segments: readonly Segment[]): number {
  return segments.reduce((sum, { bytes }) => sum + bytes, 0);
}

async function names(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (cause) {
    throw new ChanceryError('FILE_UNREADABLE', `cannot read the directory ${directory}`, { cause });
  }
}
