import { join } from 'node:path';
import { ChanceryError } from '../../core/errors.js';
import type { Files, OpenFile } from '../../core/files.js';
import type { Fault, Line } from '../chain.js';
import { Fold } from '../fold/fold.js';
import { foldLine } from '../fold/fold-line.js';
import { damageError } from './damage.js';
import { OwnCheckpoint } from './own-checkpoint.js';
import { listSegments, type SegmentFile } from './list-segments.js';
import { segmentName } from './paths.js';
import { scanSegment } from './scan.js';
import { judgeTail, type TornTail } from './torn-tail.js';

export interface Replayed {
  readonly fold: Fold;
  readonly segment: string;
  /** Time of the first entry of the last segment; null when it has none. */
  readonly began: number | null;
  /** Bytes of good lines in the last segment. */
  readonly end: number;
  readonly torn: TornTail | null;
}

/** How far a fold is. */
export interface FoldProgress {
  /** Folded now. */
  readonly entries: number;
  /** Of the segments that are read. Less than `totalBytes` at the end too: the last one is not full. */
  readonly bytes: number;
  readonly totalBytes: number;
}

export interface ReplayOptions {
  /** May hold the entries before some segment already; then only those from there on are read. */
  readonly fold?: Fold;
  /** Called with each line once it is folded. */
  readonly see?: (line: Line) => void;
  /** Called after each entry. */
  readonly progress?: ((progress: FoldProgress) => void) | undefined;
}

interface Visit {
  readonly fold: Fold;
  readonly checkpoint: OwnCheckpoint | null;
  readonly see: (line: Line) => void;
}

/**
 * Folds a ledger directory without changing it. Throws LEDGER_MISSING, and LEDGER_DAMAGED for anything but a
 * torn last write.
 */
export async function replay(
  files: Files,
  directory: string,
  { fold = new Fold(), see, progress }: ReplayOptions = {},
): Promise<Replayed> {
  const from = fold.size;
  // Before the entries are looked for: a daemon that writes meanwhile covers no more than what was there by then.
  const checkpoint = await OwnCheckpoint.read(files, directory);
  const segments = (await listSegments(files, directory)).filter(({ first }) => first >= from);
  if (segments.length === 0) {
    throw missingLedger(directory);
  }
  let began: number | null = null;
  const count = progress === undefined ? null : await counting(files, directory, segments, progress);
  const seen = (line: Line): void => {
    began ??= line.time;
    see?.(line);
    count?.(line);
  };
  const visit: Visit = { fold, checkpoint, see: seen };
  let end = 0;
  let torn: TornTail | null = null;
  for (const [index, { name: segment, first }] of segments.entries()) {
    if (first !== fold.size) {
      const message = `the segment ${segmentName(fold.size)} is missing`;
      throw damageError({ kind: 'segment', message, sequence: fold.size, segment, offset: 0 });
    }
    began = null;
    const file = await files.open(join(directory, segment), 'read');
    try {
      ({ end, torn } = await replaySegment(visit, file, segment, index === segments.length - 1));
    } finally {
      await file.close();
    }
  }
  const segment = segments.at(-1)?.name ?? segmentName(0);
  const fault = checkpoint?.fault(fold) ?? null;
  if (fault !== null) {
    throw damageError({ kind: 'checkpoint', message: fault, sequence: fold.size, segment, offset: end });
  }
  return { fold, segment, began, end, torn };
}

async function counting(
  files: Files,
  directory: string,
  segments: readonly SegmentFile[],
  progress: (progress: FoldProgress) => void,
): Promise<(line: Line) => void> {
  let totalBytes = 0;
  for (const { name } of segments) {
    const file = await files.open(join(directory, name), 'read');
    totalBytes += await file.size().finally(() => file.close());
  }
  let entries = 0;
  let bytes = 0;
  return (line) => {
    entries += 1;
    bytes += line.bytes;
    progress({ entries, bytes, totalBytes });
  };
}

async function replaySegment(
  visit: Visit,
  file: OpenFile,
  segment: string,
  last: boolean,
): Promise<{ end: number; torn: TornTail | null }> {
  const { fold } = visit;
  const { end, fault } = await scanSegment(file, (line) => applyLine(visit, line));
  if (fault === null) return { end, torn: null };
  const damage = { ...fault, sequence: fold.size, segment, offset: end };
  if (!last) throw damageError(damage);
  const tail = Buffer.alloc(Math.max(0, (await file.size()) - end));
  await file.read(tail, end);
  const torn = judgeTail(tail, end, fold.size);
  if (typeof torn === 'string') throw damageError({ ...damage, message: `${fault.message}; ${torn}` });
  return { end, torn };
}

function applyLine({ fold, checkpoint, see }: Visit, line: Line): Fault | null {
  const fault = foldLine(fold, line);
  if (fault !== null) return fault;
  checkpoint?.see(fold);
  see(line);
  return null;
}

/** Whose disk is not mounted must not be told to start over: every count would begin anew. */
export function missingLedger(directory: string): ChanceryError {
  return new ChanceryError('LEDGER_MISSING', `there is no ledger in ${directory}`, {
    hint: 'if there was one, mount its disk or restore it from a backup (docs/operations.md, Restore); `chancery init` or `chancery genesis` starts a new one',
  });
}
