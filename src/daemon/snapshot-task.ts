import type { SnapshotId } from '../ledger/snapshot/snapshot-files.js';

/** What the snapshot thread is told to do; it answers with the snapshot made, or with the fault found. */
export type SnapshotTask =
  | { readonly make: number; readonly base: SnapshotId | null; readonly directory: string }
  | { readonly check: SnapshotId; readonly directory: string };

export type SnapshotAnswer = { readonly made: SnapshotId } | { readonly fault: string | null };
