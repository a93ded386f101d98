import type { SnapshotId } from '../ledger/snapshot/snapshot-files.js';

/** Where the ledger is. */
interface Place {
  readonly directory: string;
  readonly archives: readonly string[];
}

/** What the snapshot thread is told to do; it answers with the snapshot made, or with the fault found. */
export type SnapshotTask = Place &
  ({ readonly make: number; readonly base: SnapshotId | null } | { readonly check: SnapshotId });

export type SnapshotAnswer = { readonly made: SnapshotId } | { readonly fault: string | null };
