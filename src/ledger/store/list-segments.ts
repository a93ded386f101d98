import type { Files } from '../../core/files.js';
import { segmentFirst } from './paths.js';

export interface SegmentFile {
  readonly name: string;
  /** Sequence of its first entry. */
  readonly first: number;
}

/** The segments of a ledger directory, in order; none when there is no such directory. */
export async function listSegments(files: Files, directory: string): Promise<readonly SegmentFile[]> {
  return ((await files.list(directory)) ?? []).flatMap((name) => {
    const first = segmentFirst(name);
    return first === null ? [] : [{ name, first }];
  });
}
