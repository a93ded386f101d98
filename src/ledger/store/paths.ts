import { join } from 'node:path';

const SEGMENT = /^(\d{12})\.ledger$/;

/** `000000000042.ledger`: the segment whose first entry has sequence 42. */
export function segmentName(first: number): string {
  return `${String(first).padStart(12, '0')}.ledger`;
}

/** First sequence of a segment by its name; null when the name is not a segment's. */
export function segmentFirst(name: string): number | null {
  const digits = SEGMENT.exec(name)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** A zero-filled file that becomes the next segment. */
export function sparePath(directory: string): string {
  return join(directory, 'spare');
}

export function lockPath(directory: string): string {
  return join(directory, 'lock');
}

export function snapshotDirectory(directory: string): string {
  return join(directory, 'snapshots');
}

export function blobDirectory(directory: string): string {
  return join(directory, 'blobs');
}
