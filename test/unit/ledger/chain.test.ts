import { describe, expect, it } from 'vitest';
import { chainFault, readLine, type ChainEnd, type Line } from '../../../src/ledger/chain.js';
import { entryHash } from '../../../src/ledger/entry-text.js';

const TIME = '2026-01-01T00:00:00.000Z';
const END: ChainEnd = { size: 5, head: 'ab'.repeat(32), time: Date.parse(TIME) };
const ENTRY = { type: 'tick', sequence: '5', previous: END.head, time: TIME };

/** A line whose hash fits, as whoever rewrites a ledger would make it. */
function sealed(entry: unknown): Buffer {
  const text = typeof entry === 'string' ? entry : JSON.stringify(entry);
  return Buffer.from(`${entryHash(text)} ${text}\n`);
}

function kindOf(bytes: Buffer): string {
  const read = readLine(bytes);
  return 'kind' in read ? read.kind : 'a line';
}

describe('readLine', () => {
  it('reads a line whose hash fits', () => {
    expect(readLine(sealed(ENTRY))).toMatchObject({ sequence: 5, time: END.time, entry: ENTRY });
  });

  it.each([
    ['another hash', Buffer.from(`${'0'.repeat(64)} ${JSON.stringify(ENTRY)}\n`), 'hash'],
    ['no end of line', sealed(ENTRY).subarray(0, -1), 'line'],
    ['no separator', Buffer.from(sealed(ENTRY).toString().replace(' ', '_')), 'line'],
    ['no JSON', sealed('{'), 'json'],
    ['an unknown type', sealed({ ...ENTRY, type: 'gift' }), 'head'],
    ['an inherited name as type', sealed({ ...ENTRY, type: 'constructor' }), 'head'],
    ['no previous', sealed({ ...ENTRY, previous: undefined }), 'head'],
    ['a sequence that is not canonical', sealed({ ...ENTRY, sequence: '05' }), 'head'],
    ['a time that is none', sealed({ ...ENTRY, time: 'yesterday' }), 'head'],
    ['a batch that is still to come', sealed({ ...ENTRY, batch: '6' }), 'head'],
  ])('%s is refused', (_, bytes, kind) => {
    expect(kindOf(bytes)).toBe(kind);
  });
});

describe('I4: chainFault, of a line whose own hash fits', () => {
  it.each([
    ['what follows', {}, null],
    ['a sequence left out', { sequence: '6' }, 'sequence'],
    ['another entry before', { previous: 'cd'.repeat(32) }, 'previous'],
    ['a time that goes back', { time: '2025-12-31T23:59:59.999Z' }, 'time'],
    ['a second genesis', { type: 'genesis' }, 'genesis'],
  ])('%s', (_, changes, kind) => {
    const line = readLine(sealed({ ...ENTRY, ...changes })) as Line;
    expect(chainFault(END, line)?.kind ?? null).toBe(kind);
  });
});
