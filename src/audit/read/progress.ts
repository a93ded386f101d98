/** How far a read of a ledger has come. */
export interface Progress {
  readonly entries: number;
  readonly bytes: number;
  /** Of the segments that are read; more than there are entries for, as the last one is not full. */
  readonly totalBytes: number;
}
