import { join } from 'node:path';
import { formatTime, type Clock } from '../../core/clock.js';
import { ChanceryError } from '../../core/errors.js';
import { systemCode, writeAll, type FileLock, type Files } from '../../core/files.js';
import type { EntryBody, RepairBody } from '../entries.js';
import { encodeEntry, entryHash, entryLine, lineBytes } from '../entry-text.js';
import type { Ledger, Written } from '../ledger.js';
import type { State } from '../state.js';
import { putBlob } from './blobs.js';
import type { LedgerEvent } from './events.js';
import { FileLedger } from './file-ledger.js';
import { lockPath, sparePath } from './paths.js';
import { removeLeftovers } from './remove-leftovers.js';
import { missingLedger, replay, type FoldProgress, type Replayed } from './replay.js';
import { replayFromSnapshot } from './replay-from-snapshot.js';
import { Segments, type ActiveSegment } from './segments.js';
import { writeDurably } from './write-durably.js';
import { copyBytes, writeZeros } from './write-segment.js';

/** Each start writes one of these and one spare; rolling over costs a rename and a directory sync. */
export const SEGMENT_BYTES = 16 * 1024 * 1024;

/** A slow ledger gets a snapshot, and something that can be moved to an archive, each day too. */
const SEGMENT_AGE_MS = 86_400_000;

export interface OpenLedgerOptions {
  readonly directory: string;
  readonly files: Files;
  readonly clock: Clock;
  readonly report?: (event: LedgerEvent) => void;
  /** Called with the entries of a transaction once they are durable. MUST not throw: their writer would be told it failed. */
  readonly appended?: (entries: readonly EntryBody[], written: readonly Written[]) => void;
  /** Called after each entry that is folded. */
  readonly progress?: ((progress: FoldProgress) => void) | undefined;
  /** Begins at the newest good snapshot: the caller MUST have the whole ledger folded again afterwards. */
  readonly fromSnapshot?: boolean;
  /** Bytes of a new segment; SEGMENT_BYTES unless said. */
  readonly segmentBytes?: number;
  /** Milliseconds after which the next entry begins a new segment; SEGMENT_AGE_MS unless said. */
  readonly segmentAge?: number;
}

/**
 * Opens a ledger for writing: takes the directory's lock, folds the entries, cuts a torn last write with a
 * `repair` entry, and gives each authorization without an outcome its `recovered`.
 *
 * Throws LEDGER_MISSING, LEDGER_LOCKED (another process has it), LEDGER_DAMAGED (anything wrong but a torn last
 * write; nothing on disk is changed), LEDGER_UNAVAILABLE (the file system refuses).
 */
export async function openLedger(options: OpenLedgerOptions): Promise<Ledger> {
  const { directory, files, progress } = options;
  const lock = await lockDirectory(files, directory);
  try {
    const replayed =
      options.fromSnapshot === true
        ? await replayFromSnapshot(files, directory, options.report ?? ignore, progress)
        : await replay(files, directory, { progress });
    const ledger = await resume(options, replayed, lock);
    try {
      await closeOpenAuthorizations(ledger, options.report);
    } catch (error) {
      await ledger.close();
      throw error;
    }
    return ledger;
  } catch (error) {
    await lock.release();
    throw asUnavailable(error);
  }
}

/** The fold of a ledger directory, read without a lock and without changing anything; also while a daemon writes. */
export async function readState(
  files: Files,
  directory: string,
  progress?: (progress: FoldProgress) => void,
): Promise<State> {
  return (await replay(files, directory, { progress })).fold;
}

/** What a file system that refuses says here too: a read-only one cannot even be locked. */
async function lockDirectory(files: Files, directory: string): Promise<FileLock> {
  try {
    await refuseMissing(files, directory);
    return await takeLock(files, directory);
  } catch (error) {
    throw asUnavailable(error);
  }
}

async function refuseMissing(files: Files, directory: string): Promise<void> {
  if ((await files.list(directory)) !== null) return;
  throw missingLedger(directory);
}

/** Throws LEDGER_LOCKED. */
export async function takeLock(files: Files, directory: string): Promise<FileLock> {
  const lock = await files.lock(lockPath(directory));
  if (lock !== null) return lock;
  throw new ChanceryError('LEDGER_LOCKED', `another process writes the ledger in ${directory}`, {
    hint: 'stop the other daemon, or give the command to it through the admin socket',
  });
}

async function resume(options: OpenLedgerOptions, replayed: Replayed, lock: FileLock): Promise<FileLedger> {
  const { directory, files, clock } = options;
  const report = options.report ?? ignore;
  const bytes = options.segmentBytes ?? SEGMENT_BYTES;
  await removeLeftovers(files, directory);
  const repair = await repairLine(options, replayed);
  const active = await restoreLastSegment(files, directory, replayed, repair, bytes);
  const age = options.segmentAge ?? SEGMENT_AGE_MS;
  const segments = new Segments(files, directory, active, { bytes, age });
  segments.prepareSpare();
  const { appended = ignore } = options;
  return new FileLedger({ directory, files, clock, report, appended, fold: replayed.fold, segments, lock });
}

/** The cut bytes are kept as a blob: they are evidence. Folds the `repair` entry and returns its line. */
async function repairLine(options: OpenLedgerOptions, { fold, torn }: Replayed): Promise<Buffer> {
  if (torn === null) return Buffer.alloc(0);
  const { directory, files, clock, report = ignore } = options;
  const sha256 = await putBlob(files, directory, torn.bytes);
  const body: RepairBody = { type: 'repair', bytes: torn.bytes.length, sha256 };
  const sequence = fold.size;
  const time = Math.max(clock.wall(), fold.time);
  const entry = { ...body, sequence: String(sequence), previous: fold.head, time: formatTime(time) };
  const text = encodeEntry(entry);
  const hash = entryHash(text);
  const bytes = lineBytes(Buffer.byteLength(text));
  fold.apply({ entry, hash, sequence, time, batch: sequence, bytes });
  report({ type: 'repaired', sequence, bytes: torn.bytes.length, sha256 });
  return entryLine(text);
}

/**
 * Writes the last segment anew under the same name: its good lines, the repair, zero bytes to its full size.
 * After a sync that failed the kernel holds pages that the disk never got and calls them clean; only bytes that
 * are written and synced again can be trusted.
 */
async function restoreLastSegment(
  files: Files,
  directory: string,
  { segment, began, end }: Replayed,
  repair: Uint8Array,
  bytes: number,
): Promise<ActiveSegment> {
  // The spare of the process before: its space may be all there is.
  await files.remove(sparePath(directory));
  const path = join(directory, segment);
  const used = end + repair.length;
  const size = Math.max(bytes, used);
  const old = await files.open(path, 'read');
  try {
    await writeDurably(files, directory, segment, async (file) => {
      await copyBytes(old, file, end);
      await writeAll(file, repair, end);
      await writeZeros(file, used, size);
    });
  } finally {
    await old.close();
  }
  return { file: await files.open(path, 'commit'), end: used, size, began };
}

async function closeOpenAuthorizations(
  ledger: Ledger,
  report: (event: LedgerEvent) => void = ignore,
): Promise<void> {
  const authorizations = ledger.state.open();
  if (authorizations.length === 0) return;
  await ledger.transact((state) => ({
    entries: state.open().map((sequence) => ({ type: 'recovered', authorization: String(sequence) })),
    result: null,
  }));
  report({ type: 'recovered', authorizations });
}

/** An error of the file system, told as what it means: the ledger cannot be read or written here. */
export function asUnavailable(error: unknown): ChanceryError {
  if (error instanceof ChanceryError) return error;
  const code = systemCode(error);
  const path = error instanceof Error && 'path' in error ? `, ${String(error.path)}` : '';
  const hint = HINTS.get(code ?? '') ?? 'check path, owner and mode of the ledger and of what is in it';
  return new ChanceryError(
    'LEDGER_UNAVAILABLE',
    `the ledger cannot be opened (${code ?? String(error)}${path})`,
    { cause: error, hint },
  );
}

/** What to do about EROFS. */
export const MOUNT_FOR_WRITING =
  'find out why the file system is read-only, repair it, and mount it for writing';
const ROOM = 'make room for two segments, inodes too (df, df -i)';
const HINTS: ReadonlyMap<string, string> = new Map([
  ['ENOSPC', ROOM],
  ['EDQUOT', ROOM],
  ['EROFS', MOUNT_FOR_WRITING],
  [
    'EIO',
    'the disk fails (see the log of the kernel): repair it, and restore from a backup what cannot be read',
  ],
]);

function ignore(): void {
  // Nobody asked to hear.
}
