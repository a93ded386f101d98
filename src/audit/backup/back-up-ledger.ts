import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { ChanceryError } from '../../core/errors.js';
import { systemCode } from '../../core/files.js';
import { readFileIfThere } from '../../core/read-file.js';
import { makeDirectories } from '../../os/make-directories.js';
import { givenUpBy } from '../check/checkpoint-check.js';
import { CHECKPOINT_FILE, COSIGNED_FILE } from '../check/note-files.js';
import { readEntries } from '../read-entries.js';
import type { Progress } from '../read/progress.js';
import { listSegments, type LedgerFiles } from '../read/segments.js';
import { copyBlobs } from './copy-blobs.js';
import { copyNote } from './copy-note.js';
import { syncDirectory } from './durable-files.js';
import { extendCopy, notOneHistory, type SegmentBytes } from './extend-copy.js';

export interface BackupOptions extends LedgerFiles {
  /** Directory of the copy; made when it is absent. */
  readonly to: string;
  readonly progress?: (progress: Progress) => void;
}

export interface BackupReport {
  readonly entries: number;
  readonly segments: number;
  /** What this run added, blobs included. */
  readonly bytesWritten: number;
  /** Hash of the last entry in the copy, 64 hex. */
  readonly head: string;
}

const NOTES = [CHECKPOINT_FILE, COSIGNED_FILE];

/**
 * Copies a ledger, also while a daemon writes it: whole entries only, each checked against its hash and its place.
 * Notes are read before the entries they cover, and blobs copied after the entries that name them. A copy that is
 * there grows and is never written over: where it is no beginning of this ledger, it may be the only true one. Tiles
 * and snapshots are derived and left out. Durable when it resolves. Throws LEDGER_DAMAGED, LEDGER_MISSING,
 * FILE_UNREADABLE (the disk of the copy is full, too: the next run goes on there), USAGE.
 */
export async function backUpLedger(options: BackupOptions): Promise<BackupReport> {
  const { directory, to } = options;
  const notes = NOTES.map((name) => readFileIfThere(join(directory, name)));
  const { segments, entries, head, givenUp } = await readWhole(options);
  await refuseInside(to, directory);
  await makeDirectories(to, 0o700);
  await refuseOthers(to, segments);
  let bytesWritten = 0;
  try {
    for (const segment of segments) bytesWritten += await extendCopy(segment, to);
    bytesWritten += await copyBlobs(directory, to);
    await syncDirectory(to);
    // Last, so that a copy that was broken off holds no checkpoint of more than it has.
    for (const [index, name] of NOTES.entries()) {
      const note = notes[index] ?? null;
      if (note !== null) await copyNote(name, note, { entries, givenUp }, to);
    }
  } catch (error) {
    throw ['ENOSPC', 'EDQUOT'].includes(systemCode(error) ?? '') ? noRoom(to, error) : error;
  }
  return { entries, segments: segments.length, bytesWritten, head };
}

function noRoom(to: string, cause: unknown): ChanceryError {
  return new ChanceryError('FILE_UNREADABLE', `cannot write the copy in ${to}`, {
    cause,
    hint: 'make room there and give the command again: it goes on where this one stopped',
  });
}

interface Whole {
  readonly segments: readonly SegmentBytes[];
  readonly entries: number;
  readonly head: string;
  /** Checkpoints that accepted rollbacks name as given up. */
  readonly givenUp: ReadonlySet<string>;
}

async function readWhole({ directory, archives = [], progress }: BackupOptions): Promise<Whole> {
  const ends = new Map<string, number>();
  const givenUp = new Set<string>();
  let [entries, head] = [0, ''];
  for await (const { entry, file, offset, length, sequence, hash } of readEntries({
    directory,
    archives,
    progress,
  })) {
    ends.set(file, offset + length);
    [entries, head] = [sequence + 1, hash.toString('hex')];
    for (const name of givenUpBy(entry)) givenUp.add(name);
  }
  const segments = (await listSegments({ directory, archives })).flatMap(({ name, path }) => {
    const end = ends.get(name);
    return end === undefined ? [] : [{ name, path, end }];
  });
  return { segments, entries, head, givenUp };
}

/** A copy in the ledger's own directory would be lost with it, and moved aside with it by a restore. */
async function refuseInside(to: string, directory: string): Promise<void> {
  const ledger = await realpath(directory);
  const copy = await realPlace(to);
  if (copy === ledger) throw new ChanceryError('USAGE', 'the copy would be the ledger itself');
  if (!copy.startsWith(`${ledger}${sep}`)) return;
  throw new ChanceryError('USAGE', `the copy would be inside the ledger, in ${copy}`, {
    hint: 'back up to another disk: this copy would be lost with the ledger',
  });
}

/** `path` without links, also where its last parts are still to be made. */
async function realPlace(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    const above = dirname(resolve(path));
    if (systemCode(error) !== 'ENOENT' || above === resolve(path)) throw error;
    return join(await realPlace(above), basename(path));
  }
}

/** The copy has segments that the ledger has not: the ledger lost its end, or is another one. */
async function refuseOthers(to: string, segments: readonly SegmentBytes[]): Promise<void> {
  const known = new Set(segments.map(({ name }) => name));
  const other = (await segmentNames(to)).find((name) => !known.has(name));
  if (other !== undefined) throw notOneHistory(to, `the ledger has no ${other}`);
}

async function segmentNames(directory: string): Promise<readonly string[]> {
  try {
    return (await listSegments({ directory })).map(({ name }) => name);
  } catch (error) {
    if (error instanceof ChanceryError && error.code === 'LEDGER_MISSING') return [];
    throw error;
  }
}
