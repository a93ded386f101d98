import { describe, expect, it } from 'vitest';
import type { OpenFile } from '../../../../src/core/files.js';
import { readState } from '../../../../src/ledger/store/open.js';
import { scanSegment } from '../../../../src/ledger/store/scan.js';
import { DIRECTORY, grow, newDisk, openOn } from '../../../support/checkpoint-rig.js';
import { authorization } from '../../../support/ledger-bodies.js';

const ROOM = 64 * 1024;

/** A file whose bytes are other ones at each read, as while a daemon writes it; the last for ever. */
function written(...states: readonly Buffer[]): OpenFile {
  let reads = 0;
  const refuse = (): Promise<never> => Promise.reject(new Error('it is only read'));
  return {
    size: () => Promise.resolve(ROOM),
    read: (buffer, position) => {
      const state = states[Math.min(reads++, states.length - 1)]!;
      return Promise.resolve(state.copy(buffer, 0, Math.min(position, state.length)));
    },
    write: refuse,
    sync: refuse,
    truncate: refuse,
    close: () => Promise.resolve(),
  };
}

async function segment(): Promise<{ readonly bytes: Buffer; readonly ends: readonly number[] }> {
  const disk = await newDisk();
  const ledger = await openOn(disk);
  await grow(ledger, 4, authorization());
  await ledger.close();
  const bytes = Buffer.alloc(ROOM);
  disk.bytesOf(`${DIRECTORY}/000000000000.ledger`).copy(bytes);
  const ends: number[] = [];
  for (let at = bytes.indexOf(0x0a); at !== -1; at = bytes.indexOf(0x0a, at + 1)) ends.push(at + 1);
  return { bytes, ends };
}

/** The first so many bytes of it, and from `again` on the rest of what is there up to `to`. */
function part(bytes: Buffer, upTo: number, again = upTo, to = upTo): Buffer {
  const copy = Buffer.alloc(bytes.length);
  bytes.copy(copy, 0, 0, upTo);
  bytes.copy(copy, again, again, to);
  return copy;
}

describe('a segment that a daemon writes while it is read', () => {
  it('ends where zero bytes were, whatever is written a moment later', async () => {
    const { bytes, ends } = await segment();
    const seen: number[] = [];
    const file = written(part(bytes, ends[2]!), part(bytes, ends[2]!), bytes);
    const scanned = await scanSegment(file, ({ sequence }) => (seen.push(sequence), null));
    expect(scanned.fault).toBeNull();
    expect(seen).toEqual([0, 1, 2]);
  });

  it.each([
    ['with a line half written', 2, (at: number) => [at + 200]],
    ['with the beginning of a line not there yet', 1, (at: number) => [at, at + 300]],
  ])('is not taken for damaged %s', async (_, reads, cut) => {
    const { bytes, ends } = await segment();
    const [upTo, again] = cut(ends[2]!) as [number, number?];
    const half = part(bytes, upTo, again ?? upTo, again === undefined ? upTo : ends[4]!);
    const seen: number[] = [];
    const scanned = await scanSegment(
      written(...Array<Buffer>(reads).fill(half), bytes),
      ({ sequence }) => (seen.push(sequence), null),
    );
    expect(scanned).toEqual({ end: ends.at(-1), fault: null });
    expect(seen).toEqual(ends.map((_end, index) => index));
    // What stays so is damage.
    expect((await scanSegment(written(half), () => null)).fault).not.toBeNull();
  });

  it('is not taken for damaged when much is written between the look at the end and the look behind it', async () => {
    const disk = await newDisk();
    const ledger = await openOn(disk);
    await grow(ledger, 1, authorization());
    await ledger.close();
    const line = disk.bytesOf(`${DIRECTORY}/000000000000.ledger`);
    // Longer than what is read at once: the look behind the zero bytes meets what is written by now.
    const many = Buffer.concat(Array<Buffer>(Math.ceil(300_000 / line.length)).fill(line));
    const before = Buffer.alloc(many.length + ROOM);
    line.copy(before);
    const after = Buffer.alloc(before.length);
    many.copy(after);
    const scanned = await scanSegment(written(before, before, after), () => null);
    expect(scanned).toEqual({ end: many.length, fault: null });
    // Zero bytes that stay are damage where something follows.
    const hole = Buffer.concat([line, Buffer.alloc(300_000), line]);
    expect(await scanSegment(written(hole), () => null)).toMatchObject({ end: line.length });
    expect((await scanSegment(written(hole), () => null)).fault).not.toBeNull();
  });

  it('is read at any moment of many writes', async () => {
    const disk = await newDisk();
    const ledger = await openOn(disk);
    const end = new AbortController();
    const writer = (async () => {
      while (!end.signal.aborted) await grow(ledger, 1, authorization());
    })();
    for (let reads = 0; reads < 50; reads++) {
      const { size } = await readState(disk, DIRECTORY);
      expect(size).toBeLessThanOrEqual(ledger.state.size);
    }
    end.abort();
    await writer;
    await ledger.close();
  });
});
