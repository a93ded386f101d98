import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { median } from '../statistics.js';

/** What opening a ledger costs, in a new process. */
export interface StartFigures {
  readonly entries: number;
  readonly milliseconds: number;
  /** As it stands when the ledger is open, garbage included. */
  readonly residentBytes: number;
}

const ROUNDS = 5;
const CHILD = fileURLToPath(new URL('./start-child.js', import.meta.url));

/** Medians of a few starts from the newest snapshot. */
export function measureStart(directory: string): StartFigures {
  const starts = Array.from({ length: ROUNDS }, () => startOnce(directory, true));
  return {
    entries: starts[0]?.entries ?? 0,
    milliseconds: median(starts.map(({ milliseconds }) => milliseconds)),
    residentBytes: median(starts.map(({ residentBytes }) => residentBytes)),
  };
}

/** One start that folds every entry. */
export function measureWholeFold(directory: string): StartFigures {
  return startOnce(directory, false);
}

function startOnce(directory: string, fromSnapshot: boolean): StartFigures {
  const args = [CHILD, directory, String(fromSnapshot)];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as StartFigures;
}
