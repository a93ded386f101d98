import { join } from 'node:path';
import type { Files } from '../../core/files.js';
import type { Line } from '../chain.js';
import { listSegments } from './list-segments.js';
import { scanSegment } from './scan.js';

/**
 * Shows the lines of a ledger from the segment on in which `since` (ms) lies, in their order, those before it in that
 * segment too. For a ledger that was checked a moment ago: a bad line is the end.
 */
export async function linesSince(
  files: Files,
  directory: string,
  since: number,
  see: (line: Line) => void,
): Promise<void> {
  const segments = await listSegments(files, directory);
  let from = segments.length - 1;
  while (from > 0 && (await firstTime(files, join(directory, segments[from]?.name ?? ''))) > since) from -= 1;
  for (const { name } of segments.slice(Math.max(from, 0))) {
    await visit(files, join(directory, name), (line) => {
      see(line);
      return true;
    });
  }
}

/** Milliseconds; infinite for a segment without entries. */
async function firstTime(files: Files, path: string): Promise<number> {
  let time = Number.POSITIVE_INFINITY;
  await visit(files, path, (line) => {
    time = line.time;
    return false;
  });
  return time;
}

/** Until `see` says that it has seen enough. */
async function visit(files: Files, path: string, see: (line: Line) => boolean): Promise<void> {
  const file = await files.open(path, 'read');
  try {
    await scanSegment(file, (line) => (see(line) ? null : { kind: 'line', message: 'enough' }));
  } finally {
    await file.close();
  }
}
