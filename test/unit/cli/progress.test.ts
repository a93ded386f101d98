import { expect, it } from 'vitest';
import { progressLine } from '../../../src/cli/progress.js';

/** A line whose clock the test turns, and what it wrote. */
function lineOn(isTTY: boolean) {
  const written: string[] = [];
  const clock = { now: 1000 };
  const write = (text: string): boolean => written.push(text) > 0;
  const stream = { isTTY, write: write };
  return { written, clock, line: progressLine(stream, () => clock.now) };
}

it('writes over its line five times a second at most, with the share and the rate, and takes it away', () => {
  const { written, clock, line } = lineOn(true);
  clock.now += 100;
  line({ entries: 50, bytes: 42, totalBytes: 100 });
  clock.now += 199;
  line({ entries: 99, bytes: 50, totalBytes: 100 });
  clock.now += 1;
  line({ entries: 300, bytes: 100, totalBytes: 100 });
  expect(written).toEqual([
    '\r\u001b[Kreading the ledger  42%  50 entries  500/s',
    '\r\u001b[Kreading the ledger 100%  300 entries  1000/s',
  ]);
  line(null);
  line(null);
  expect(written.slice(2)).toEqual(['\r\u001b[K']);
});

it('writes nothing where nobody watches', () => {
  const { written, clock, line } = lineOn(false);
  clock.now += 1000;
  line({ entries: 1, bytes: 1, totalBytes: 1 });
  line(null);
  expect(written).toEqual([]);
});
