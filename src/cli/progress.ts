/** Often enough to be seen to move, seldom enough to cost nothing. */
const EVERY_MS = 200;

/** How far a read of a ledger has come. */
export interface Share {
  readonly entries: number;
  readonly bytes: number;
  readonly totalBytes: number;
}

/** Shows the share in place of what was shown before, if it is time; null takes the line away. */
export type ProgressLine = (share: Share | null) => void;

/**
 * `reading the ledger  42%  1234567 entries  45000/s` on standard error, written over: only on a terminal, so that
 * logs and pipes hold none of it.
 */
export function progressLine(
  stream: Pick<NodeJS.WriteStream, 'isTTY' | 'write'> = process.stderr,
  now: () => number = () => performance.now(),
): ProgressLine {
  const began = now();
  let shownAt = Number.NEGATIVE_INFINITY;
  let shown = false;
  return (share) => {
    if (share === null) {
      if (shown) stream.write('\r\u001b[K');
      shown = false;
      return;
    }
    if (!stream.isTTY || now() - shownAt < EVERY_MS) return;
    shownAt = now();
    shown = true;
    stream.write(`\r\u001b[Kreading the ledger ${shareText(share, shownAt - began)}`);
  };
}

/** Shows how far `read` has come, until it has. */
export async function withProgress<Result>(
  read: (progress: (share: Share) => void) => Promise<Result>,
): Promise<Result> {
  const line = progressLine();
  try {
    return await read(line);
  } finally {
    line(null);
  }
}

function shareText({ entries, bytes, totalBytes }: Share, elapsedMs: number): string {
  const percent = totalBytes === 0 ? 100 : Math.min(100, Math.floor((bytes / totalBytes) * 100));
  const rate = Math.round(entries / Math.max(elapsedMs / 1000, 0.001));
  return `${String(percent).padStart(3)}%  ${String(entries)} entries  ${String(rate)}/s`;
}
