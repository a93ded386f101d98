import { join } from 'node:path';
import { ChanceryError } from '../../core/errors.js';
import type { Files } from '../../core/files.js';
import { sha256Hex } from '../../core/sha256.js';
import { Fold } from '../fold/fold.js';
import { foldLine } from '../fold/fold-line.js';
import { damageError } from '../store/damage.js';
import { listSegments } from '../store/list-segments.js';
import { segmentName } from '../store/paths.js';
import { scanSegment } from '../store/scan.js';
import { readSnapshotFile, writeSnapshotFile, type SnapshotId } from './snapshot-files.js';
import { readSnapshot, snapshotText } from './snapshot-text.js';

/**
 * Writes the snapshot of the first `size` entries, where a segment MUST begin; durable when it resolves. From
 * `base` on, whose bytes must hash to its name, or from the beginning. Throws LEDGER_DAMAGED.
 */
export async function makeSnapshot(
  files: Files,
  directory: string,
  size: number,
  base: SnapshotId | null,
): Promise<SnapshotId> {
  const bytes = base === null ? null : await readSnapshotFile(files, directory, base);
  const begun = bytes === null ? null : readSnapshot(bytes);
  const fold = await foldTo(files, directory, begun ?? new Fold(), size);
  return writeSnapshotFile(files, directory, size, snapshotText(fold));
}

/**
 * Folds the ledger from its first entry to where the snapshot was taken. Null when that gives the very snapshot,
 * else why not. Reads what a start from the snapshot did not.
 */
export async function snapshotFault(
  files: Files,
  directory: string,
  { size, sha256 }: SnapshotId,
): Promise<string | null> {
  try {
    const fold = await foldTo(files, directory, new Fold(), size);
    if (hashOf(fold) === sha256) return null;
    return `the first ${String(size)} entries do not give the snapshot that the ledger was started from`;
  } catch (error) {
    if (error instanceof ChanceryError && error.code === 'LEDGER_DAMAGED') return error.message;
    throw error;
  }
}

/** Null when the state has no text: that of entries which no ledger wrote, with fractions or nested too deep. */
function hashOf(fold: Fold): string | null {
  try {
    return sha256Hex(snapshotText(fold));
  } catch {
    return null;
  }
}

async function foldTo(files: Files, directory: string, fold: Fold, size: number): Promise<Fold> {
  const from = fold.size;
  for (const { name: segment, first } of await listSegments(files, directory)) {
    if (first < from) continue;
    if (first >= size || first !== fold.size) break;
    const file = await files.open(join(directory, segment), 'read');
    try {
      const { end, fault } = await scanSegment(file, (line) => foldLine(fold, line));
      if (fault !== null) throw damageError({ ...fault, sequence: fold.size, segment, offset: end });
    } finally {
      await file.close();
    }
  }
  if (fold.size === size) return fold;
  const segment = segmentName(fold.size);
  const message = `the segment ${segment} is missing or too short`;
  throw damageError({ kind: 'segment', message, sequence: fold.size, segment, offset: 0 });
}
