import { ChanceryError } from '../../core/errors.js';
import type { Files } from '../../core/files.js';
import type { Line } from '../chain.js';
import {
  listSnapshots,
  readSnapshotFile,
  snapshotName,
  type SnapshotId,
} from '../snapshot/snapshot-files.js';
import { readSnapshot } from '../snapshot/snapshot-text.js';
import type { LedgerEvent } from './events.js';
import { OwnCheckpoint } from './own-checkpoint.js';
import { segmentName } from './paths.js';
import { readGenesis } from './read-genesis.js';
import { replay, type FoldProgress, type Replayed } from './replay.js';

/**
 * Folds a ledger directory from its newest good snapshot on, or from the beginning when there is none. A snapshot
 * is good when an entry after it names its hash, the checkpoint beside the ledger covers that entry, and the genesis
 * names the key that signed the checkpoint: then the ledger key vouches for it, and nobody who can only write files
 * makes one up. Of what comes before it only the genesis is read.
 *
 * Throws as `replay`; damage after a snapshot is told by the fold from the beginning.
 */
export async function replayFromSnapshot(
  files: Files,
  directory: string,
  report: (event: LedgerEvent) => void,
  progress?: (progress: FoldProgress) => void,
): Promise<Replayed> {
  for (const id of await listSnapshots(files, directory)) {
    const replayed = await replayFrom(files, directory, id, progress);
    if (typeof replayed !== 'string') {
      report({ type: 'restored', ...id });
      return replayed;
    }
    report({ type: 'snapshot_ignored', name: snapshotName(id), reason: replayed });
  }
  return replay(files, directory, { progress });
}

/** Or why the snapshot is no good. */
async function replayFrom(
  files: Files,
  directory: string,
  id: SnapshotId,
  progress: ((progress: FoldProgress) => void) | undefined,
): Promise<Replayed | string> {
  const covered = (await OwnCheckpoint.read(files, directory))?.size ?? 0;
  if (covered <= id.size) return 'no checkpoint covers it';
  const names = (await files.list(directory)) ?? [];
  if (!names.includes(segmentName(id.size))) return 'no segment begins where it ends';
  const bytes = await readSnapshotFile(files, directory, id);
  if (bytes === null) return 'its bytes do not hash to its name';
  const fold = readSnapshot(bytes);
  if (fold?.size !== id.size) return 'it cannot be read by this version';
  // The checkpoint is held against the key that the fold names: one made up would bring its own.
  const genesis = await readGenesis(files, directory);
  if (genesis === null) return 'the genesis is not there';
  if (genesis.origin !== fold.origin || genesis.publicKey !== fold.ledgerKey)
    return 'it is of another ledger';
  /** Sequences of the entries that name it. */
  const named: number[] = [];
  try {
    const see = ({ entry, sequence }: Line): void => {
      if (entry.type !== 'snapshot' || sequence >= covered) return;
      if (entry.sha256 === id.sha256 && entry.size === String(id.size)) named.push(sequence);
    };
    const replayed = await replay(files, directory, { fold, see, progress });
    return named.length > 0 ? replayed : 'no entry under the checkpoint names it';
  } catch (error) {
    if (error instanceof ChanceryError && error.code === 'LEDGER_DAMAGED') return error.message;
    throw error;
  }
}
