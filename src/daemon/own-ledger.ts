import { mustOwnLedger } from '../ceremony/ledger-owner.js';
import type { Config } from '../config/chancery-yaml.js';
import type { Clock } from '../core/clock.js';
import type { Files } from '../core/files.js';
import type { Ledger } from '../ledger/ledger.js';
import type { SnapshotId } from '../ledger/snapshot/snapshot-files.js';
import { withArchives } from '../ledger/store/archived-files.js';
import { openLedger } from '../ledger/store/open.js';
import type { FoldProgress } from '../ledger/store/replay.js';
import { nodeFiles } from '../os/files.js';
import { entryEvent, ledgerEvent } from './events.js';
import type { Observers } from './observers.js';

/** The ledger this daemon writes, and where it lies. */
export interface OwnLedger {
  readonly ledger: Ledger;
  /** Finds in the archives what was moved there. */
  readonly files: Files;
  readonly directory: string;
  readonly archives: readonly string[];
  /** The snapshot that it was opened from; null when every entry was folded. */
  readonly opened: SnapshotId | null;
}

export interface OwnLedgerParts {
  readonly clock: Clock;
  readonly observers: Observers;
  /** Told after each entry that is folded; null when that has ended. */
  readonly folding: ((progress: FoldProgress | null) => void) | undefined;
}

/** Opens the ledger for writing, from a snapshot if it has one: it MUST be folded whole afterwards (`Snapshots`). */
export async function openOwnLedger(
  { directory, archives }: Config['ledger'],
  { clock, observers, folding }: OwnLedgerParts,
): Promise<OwnLedger> {
  mustOwnLedger(directory);
  const files = withArchives(nodeFiles(), directory, archives);
  const heard = ledgerEvent(observers);
  let opened: SnapshotId | null = null;
  const ledger = await openLedger({
    directory,
    files,
    clock,
    fromSnapshot: true,
    progress: folding,
    report: (event) => {
      if (event.type === 'restored') opened = { size: event.size, sha256: event.sha256 };
      heard(event);
    },
    appended: entryEvent(observers),
  }).finally(() => folding?.(null));
  return { ledger, files, directory, archives, opened };
}
