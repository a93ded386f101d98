import { describe, expect, it } from 'vitest';
import type { Entry } from '../../../../src/ledger/entries.js';
import { encodeEntry, entryLine } from '../../../../src/ledger/entry-text.js';
import { judgeTail } from '../../../../src/ledger/store/torn-tail.js';
import { authorization } from '../../../support/ledger-bodies.js';

/** A line of about 700 bytes; `batch` absent when it is the first of its write. */
function line(sequence: number, batch = sequence): Buffer {
  const entry: Entry = {
    ...authorization({ message: 'A'.repeat(200) }),
    sequence: String(sequence),
    previous: '0'.repeat(64),
    time: '2026-01-01T00:00:00.000Z',
    ...(batch === sequence ? {} : { batch: String(batch) }),
  };
  return entryLine(encodeEntry(entry));
}

const ZEROS = Buffer.alloc(2048);
/** The write of entries 5, 6, 7 begins here. */
const OFFSET = 300;
const write = Buffer.concat([line(5), line(6, 5), line(7, 5)]);

function lose(bytes: Buffer, from: number, to: number): Buffer {
  return Buffer.from(bytes).fill(0, from, to);
}
/** Where sector `n` of the file begins in the tail. */
const sector = (n: number) => n * 512 - OFFSET;

describe('a torn write is cut', () => {
  it.each([
    ['a prefix', write.subarray(0, 100)],
    ['whole lines of the same write after a lost sector', lose(write, sector(1), sector(2))],
    ['the first sector, which began before it, lost', lose(write, 0, sector(1))],
    ['all but the first sector lost', lose(write, sector(1), write.length)],
    ['a file that was cut', write.subarray(0, 600)],
  ])('%s', (name, tail) => {
    const padded = name.includes('file') ? tail : Buffer.concat([tail, ZEROS]);
    const verdict = judgeTail(padded, OFFSET, 5);
    expect(typeof verdict).toBe('object');
    if (typeof verdict === 'object') expect(verdict.bytes.at(-1)).not.toBe(0);
  });
});

describe('anything else is damage', () => {
  const flipped = Buffer.from(line(5));
  flipped[200]! ^= 1;
  const newline = Buffer.from(line(5));
  newline[newline.length - 1]! ^= 1;
  it.each([
    ['a flipped bit', flipped, /whole but wrong/],
    [
      'a flipped bit before a torn write',
      Buffer.concat([flipped, write.subarray(0, 300)]),
      /whole but wrong/,
    ],
    ['a flipped newline', newline, /ends the line/],
    [
      'an entry of a later write after the hole',
      Buffer.concat([lose(line(5), sector(1), 700), line(6)]),
      /later write/,
    ],
    ['an entry a second time', Buffer.concat([line(4), line(5)]), /second time/],
    ['zero bytes inside a sector', lose(write, 20, 60), /no lost sector/],
    ['a single zero byte', lose(write, 64, 65), /no lost sector/],
  ])('%s', (_, tail, why) => {
    expect(judgeTail(Buffer.concat([tail, ZEROS]), OFFSET, 5)).toMatch(why);
  });
});
