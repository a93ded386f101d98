import { beforeEach, describe, expect, it } from 'vitest';
import { createLedger } from '../../../src/ledger/store/create.js';
import type { LedgerEvent } from '../../../src/ledger/store/events.js';
import { openLedger } from '../../../src/ledger/store/open.js';
import type { Ledger } from '../../../src/ledger/ledger.js';
import { authorization, freeze, genesis, KEY, policy, signature } from '../../support/ledger-bodies.js';
import { StillClock } from '../../support/ledger-clock.js';
import { crash, MemoryDisk } from '../../support/ledger-disk.js';

const DIRECTORY = '/ledger';
const segmentBytes = 16_384;
const clock = new StillClock();
let disk: MemoryDisk;
let events: LedgerEvent[];

beforeEach(async () => {
  disk = new MemoryDisk();
  events = [];
  await disk.makeDirectory('/');
  await createLedger({ directory: DIRECTORY, files: disk, clock, genesis: [genesis(), policy()] });
});

function open(files: MemoryDisk = disk): Promise<Ledger> {
  return openLedger({
    directory: DIRECTORY,
    files,
    clock,
    segmentBytes,
    report: (event) => events.push(event),
  });
}

const authorize = (ledger: Ledger, message = 'AAAA') =>
  ledger.transact(() => ({ entries: [authorization({ message })], result: null }));

function eio(): never {
  throw Object.assign(new Error('EIO'), { code: 'EIO' });
}

describe('a write that fails', () => {
  it('I10: latches the ledger, refuses every waiter, and keeps reads', async () => {
    const ledger = await open();
    await authorize(ledger);
    disk.fault = (step) => (step.op === 'write' && step.durable ? eio() : null);
    const results = await Promise.allSettled([authorize(ledger), authorize(ledger), authorize(ledger)]);
    for (const result of results) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'LEDGER_UNAVAILABLE' } });
    }
    expect(ledger.unavailable).toMatch(/EIO/);
    expect(events.filter(({ type }) => type === 'unavailable')).toHaveLength(1);
    // The disk answers again: this process must not believe it.
    disk.fault = () => null;
    await expect(authorize(ledger)).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
    // What was folded but never durable stays counted: too much, never too little.
    expect(ledger.state.spent(KEY, 'SOL', '1h', clock.now)).toBe(20n);
    expect(await ledger.getBlob('ab'.repeat(32))).toBeNull();
    await ledger.close();
    const again = await open();
    expect(again.state.spent(KEY, 'SOL', '1h', clock.now)).toBe(5n);
    await again.close();
  });

  it('I3: loses nothing acknowledged, whichever step fails', async () => {
    const reference = await open();
    await authorize(reference);
    await reference.close();
    const before = crash(disk.steps, { done: disk.steps.length, survives: 'written' });
    for (let failing = 0; failing < 40; failing++) {
      const files = new MemoryDisk();
      for (const [name, file] of before.names) files.names.set(name, file);
      for (const { bytes } of before.contents) files.contents.push({ bytes: Buffer.from(bytes) });
      for (const name of before.directories) files.directories.add(name);
      files.fault = (_, index) => (index === failing ? eio() : null);
      const hashes: string[] = [];
      try {
        const ledger = await open(files);
        try {
          for (let n = 0; n < 30; n++) hashes.push((await authorize(ledger)).written[0]!.hash);
        } finally {
          await ledger.close().catch(() => undefined);
        }
      } catch (error) {
        expect(error).toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
      }
      files.fault = () => null;
      const again = await open(files);
      const all = [...files.names]
        .filter(([name]) => name.endsWith('.ledger'))
        .map(([, file]) => files.contents[file]!.bytes.toString('latin1'))
        .join('');
      for (const hash of hashes) expect(all).toContain(`${hash} {`);
      await again.close();
    }
  });

  it('a short write is a failure, for libuv has tried the rest already; it is cut at the next start', async () => {
    const ledger = await open();
    disk.fault = (step) => (step.op === 'write' && step.durable ? 100 : null);
    await expect(authorize(ledger)).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
    await ledger.close();
    disk.fault = () => null;
    const again = await open();
    expect(events).toContainEqual(expect.objectContaining({ type: 'repaired', sequence: 2, bytes: 100 }));
    await again.close();
  });
});

describe('a full disk', () => {
  it('I10: refuses to sign, still freezes and finishes, and goes on when there is room', async () => {
    const ledger = await open();
    const first = await authorize(ledger);
    // Everything is taken but the segment in use: no spare can be made when it fills up.
    await new Promise((resolve) => setTimeout(resolve, 5));
    disk.capacity = disk.used();
    let refused: unknown = null;
    for (let n = 0; n < 200 && refused === null; n++) {
      refused = await authorize(ledger, 'A'.repeat(400)).then(
        () => null,
        (error: unknown) => error,
      );
    }
    expect(refused).toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
    expect(ledger.full).toMatch(/ENOSPC/);
    expect(ledger.unavailable).toBeNull();
    await ledger.transact(() => ({ entries: [freeze(KEY)], result: null }));
    await ledger.transact(() => ({ entries: [signature(first.written[0]!.sequence)], result: null }));
    expect(ledger.state.frozen(KEY)).not.toBeNull();
    disk.capacity = Number.POSITIVE_INFINITY;
    clock.now += 1000;
    await authorize(ledger).catch(() => null);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await authorize(ledger);
    expect(ledger.full).toBeNull();
    await ledger.close();
    const again = await open();
    expect(again.state.frozen(KEY)).not.toBeNull();
    await again.close();
  });

  it('never runs into the end: entries that do not fit are refused before they are folded', async () => {
    const ledger = await open();
    await new Promise((resolve) => setTimeout(resolve, 5));
    disk.capacity = disk.used();
    for (let n = 0; n < 300; n++) {
      await ledger
        .transact(() => ({ entries: [freeze(KEY)], result: null }))
        .catch((error: unknown) => {
          expect(error).toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
        });
    }
    expect(ledger.unavailable).toBeNull();
    await ledger.close();
    disk.capacity = Number.POSITIVE_INFINITY;
    await (await open()).close();
  });
});
