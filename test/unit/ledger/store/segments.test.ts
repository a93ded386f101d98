import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Files, OpenFile } from '../../../../src/core/files.js';
import type { Ledger } from '../../../../src/ledger/ledger.js';
import { createLedger } from '../../../../src/ledger/store/create.js';
import { openLedger } from '../../../../src/ledger/store/open.js';
import { replay } from '../../../../src/ledger/store/replay.js';
import { authorization, genesis, policy, signature } from '../../../support/ledger-bodies.js';
import { StillClock } from '../../../support/ledger-clock.js';
import { MemoryDisk } from '../../../support/ledger-disk.js';

const DIRECTORY = '/ledger';
const BYTES = 1 << 16;
const AGE = 3_600_000;
let disk: MemoryDisk;
let clock: StillClock;
let ledger: Ledger;

const open = (files: Files = disk): Promise<Ledger> =>
  openLedger({ directory: DIRECTORY, files, clock, segmentBytes: BYTES, segmentAge: AGE });

async function append(): Promise<number> {
  const { written } = await ledger.transact(() => ({ entries: [authorization()], result: null }));
  return written[0]!.sequence;
}

async function firsts(): Promise<number[]> {
  const names = (await disk.list(DIRECTORY)) ?? [];
  return names.filter((name) => name.endsWith('.ledger')).map((name) => Number(name.slice(0, 12)));
}

/** The spare is made beside the path of requests. */
async function spareMade(): Promise<void> {
  for (let turn = 0; turn < 1000; turn++) {
    const spare = disk.names.get(join(DIRECTORY, 'spare'));
    if (spare !== undefined && disk.steps.some((step) => step.op === 'sync' && step.file === spare)) {
      await new Promise((resolve) => setImmediate(resolve));
      return;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error('no spare segment was made');
}

beforeEach(async () => {
  disk = new MemoryDisk();
  clock = new StillClock();
  await disk.makeDirectory('/');
  await createLedger({ directory: DIRECTORY, files: disk, clock, genesis: [genesis(), policy()] });
  ledger = await open();
  await spareMade();
});
afterEach(() => ledger.close());

describe('a segment ends when it is old', () => {
  it('with the first entry from then on, and only then', async () => {
    clock.now += AGE - 1;
    await append();
    expect(await firsts()).toEqual([0]);
    clock.now += 1;
    expect(await firsts()).toEqual([0]);
    const first = await append();
    await append();
    expect(await firsts()).toEqual([0, first]);
    await spareMade();
    clock.now += AGE - 1;
    await append();
    expect(await firsts()).toEqual([0, first]);
    clock.now += 1;
    const second = await append();
    expect(await firsts()).toEqual([0, first, second]);
  });

  it('once, for many who append at the same time', async () => {
    clock.now += AGE;
    const sequences = await Promise.all(Array.from({ length: 20 }, append));
    expect(await firsts()).toEqual([0, Math.min(...sequences)]);
    const { fold } = await replay(disk, DIRECTORY);
    expect(fold.root()).toBe(ledger.state.root());
  });

  it('counted from its first entry, whatever was restarted since', async () => {
    clock.now += AGE - 1;
    await append();
    await ledger.close();
    ledger = await open();
    await spareMade();
    await ledger.transact((state) => ({ entries: state.open().map((s) => signature(s)), result: null }));
    expect(await firsts()).toEqual([0]);
    clock.now += 1;
    const first = await append();
    expect(await firsts()).toEqual([0, first]);
  });

  it('but never while the disk has no room for another', async () => {
    await ledger.close();
    disk.capacity = disk.used() + BYTES + BYTES / 2;
    ledger = await open();
    clock.now += 2 * AGE;
    while (ledger.full === null) await new Promise((resolve) => setImmediate(resolve));
    await append();
    await append();
    expect(await firsts()).toEqual([0]);
    disk.capacity = Number.POSITIVE_INFINITY;
    clock.now += 1000;
    await append();
    await spareMade();
    const first = await append();
    expect(await firsts()).toEqual([0, first]);
    expect(ledger.unavailable).toBeNull();
  });
});

/** Counts what is open at once. */
class OpenFiles {
  now = 0;
  most = 0;
  readonly files: Files;

  constructor(real: MemoryDisk) {
    this.files = new Proxy(real, {
      get: (target, name: keyof Files): unknown =>
        name === 'open' ? this.#open.bind(this, target) : target[name].bind(target),
    });
  }

  async #open(target: Files, ...args: Parameters<Files['open']>): Promise<OpenFile> {
    const file = await target.open(...args);
    this.now += 1;
    this.most = Math.max(this.most, this.now);
    return {
      ...file,
      close: () => {
        this.now -= 1;
        return file.close();
      },
    };
  }
}

it('however many segments a ledger has, a few files are open: two segments and what becomes the next', async () => {
  await ledger.close();
  const counted = new OpenFiles(disk);
  ledger = await open(counted.files);
  for (let round = 0; round < 60; round++) {
    clock.now += AGE / 4;
    await Promise.all(Array.from({ length: 20 }, append));
  }
  expect((await firsts()).length).toBeGreaterThan(15);
  expect(counted.most).toBeLessThanOrEqual(3);
  await ledger.close();
  expect(counted.now).toBe(0);
  counted.most = 0;
  ledger = await open(counted.files);
  expect(counted.most).toBeLessThanOrEqual(3);
});

describe('a stop on a directory whose spare cannot be removed', () => {
  it('cuts the segment before it gives the lock up, and is no failure', async () => {
    await append();
    const segment = disk.names.get(join(DIRECTORY, '000000000000.ledger'));
    disk.fault = ({ op }) => {
      if (op === 'remove') throw Object.assign(new Error('EPERM'), { code: 'EPERM' });
      return null;
    };
    const done = await ledger.close().then(
      () => 'closed',
      (error: unknown) => String(error),
    );
    const cut = disk.steps.findIndex((step) => step.op === 'truncate' && step.file === segment);
    expect(done).toBe('closed');
    expect(cut).toBeGreaterThan(0);
    expect(disk.locked.size).toBe(0);
    disk.fault = () => null;
    ledger = await open();
    await spareMade();
  });
});
