/** Often enough to be seen to move, seldom enough to cost nothing. */
const EVERY_MS = 200;

export interface ProgressLine {
  /** Shows `text` in place of what was shown before, if it is time; `text` is only made then. */
  show(text: () => string): void;
  /** Takes the line away. */
  clear(): void;
}

/** One line on standard error that is written over: only on a terminal, so that logs and pipes hold none of it. */
export function progressLine(
  stream: Pick<NodeJS.WriteStream, 'isTTY' | 'write'> = process.stderr,
  now: () => number = () => performance.now(),
): ProgressLine {
  let shownAt = Number.NEGATIVE_INFINITY;
  let shown = false;
  return {
    show: (text) => {
      if (!stream.isTTY || now() - shownAt < EVERY_MS) return;
      shownAt = now();
      shown = true;
      stream.write(`\r\u001b[K${text()}`);
    },
    clear: () => {
      if (shown) stream.write('\r\u001b[K');
      shown = false;
    },
  };
}

/** ` 42%  1234567 entries  45000/s`. */
export function shareText(entries: number, done: number, total: number, elapsedMs: number): string {
  const percent = total === 0 ? 100 : Math.min(100, Math.floor((done / total) * 100));
  const rate = Math.round(entries / Math.max(elapsedMs / 1000, 0.001));
  return `${String(percent).padStart(3)}%  ${String(entries)} entries  ${String(rate)}/s`;
}
