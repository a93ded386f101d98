import { beforeEach, describe, expect, it } from 'vitest';
import type { Ledger } from '../../../../src/ledger/ledger.js';
import { createLedger } from '../../../../src/ledger/store/create.js';
import { openLedger } from '../../../../src/ledger/store/open.js';
import { authorization, freeze, genesis, KEY, policy, signature } from '../../../support/ledger-bodies.js';
import { StillClock } from '../../../support/ledger-clock.js';
import { MemoryDisk } from '../../../support/ledger-disk.js';

const DIRECTORY = '/ledger';
let disk: MemoryDisk;
let clock: StillClock;
let ledger: Ledger;

const open = () => openLedger({ directory: DIRECTORY, files: disk, clock, segmentBytes: 1 << 18 });
const commits = () => disk.steps.filter((step) => step.op === 'write' && step.durable).length;

beforeEach(async () => {
  disk = new MemoryDisk();
  clock = new StillClock();
  await disk.makeDirectory('/');
  await createLedger({ directory: DIRECTORY, files: disk, clock, genesis: [genesis(), policy()] });
  ledger = await open();
});

describe('transact', () => {
  it('I5: two requests never both take the last of a limit', async () => {
    const spend = () =>
      ledger.transact((state, now) =>
        state.spent(KEY, 'SOL', '1h', now) + 5n <= 250n
          ? { entries: [authorization()], result: 'allow' }
          : { entries: [], result: 'deny' },
      );
    const receipts = await Promise.all(Array.from({ length: 200 }, spend));
    expect(receipts.filter(({ result }) => result === 'allow')).toHaveLength(50);
    expect(ledger.state.spent(KEY, 'SOL', '1h', clock.now)).toBe(250n);
  });

  it('resolves only when the entries are durable', async () => {
    let released: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (released = resolve));
    const name = `${DIRECTORY}/000000000000.ledger`;
    const before = commits();
    let settled = false;
    const stalled = disk.stallCommits(gate);
    const pending = ledger
      .transact(() => ({ entries: [authorization()], result: null }))
      .then(() => (settled = true));
    await stalled;
    // The fold has it at once: a freeze holds while the disk stalls.
    expect(ledger.state.size).toBe(3);
    expect(settled).toBe(false);
    expect(commits()).toBe(before);
    released();
    await pending;
    expect(disk.bytesOf(name).toString('latin1')).toContain('"type":"authorization"');
  });

  it('I10: says that it stalls once a write takes as long as anything may wait, until the disk answers', async () => {
    let released: () => void = () => undefined;
    const stalled = disk.stallCommits(new Promise<void>((resolve) => (released = resolve)));
    const pending = ledger.transact(() => ({ entries: [authorization()], result: null }));
    await stalled;
    clock.now += 4999;
    expect(ledger.stalled).toBeNull();
    clock.now += 2001;
    expect(ledger.stalled).toBe('the disk has not answered a write for 7 s');
    expect(ledger.unavailable).toBeNull();
    released();
    await pending;
    expect(ledger.stalled).toBeNull();
  });

  it('writes what arrives during a write with one further write', async () => {
    const before = commits();
    const first = ledger.transact(() => ({ entries: [authorization()], result: null }));
    let released: () => void = () => undefined;
    await disk.stallCommits(new Promise<void>((resolve) => (released = resolve)));
    const rest = Array.from({ length: 30 }, () =>
      ledger.transact(() => ({ entries: [authorization()], result: null })),
    );
    released();
    await Promise.all([first, ...rest]);
    expect(commits() - before).toBe(2);
    const lines = disk.bytesOf(`${DIRECTORY}/000000000000.ledger`).toString('latin1').split('\n');
    expect(lines[4]).toContain('"batch":"3"');
    expect(lines[3]).not.toContain('"batch"');
  });

  it('rejects with what decide throws, and writes nothing', async () => {
    const before = commits();
    await expect(
      ledger.transact(() => {
        throw new RangeError('no');
      }),
    ).rejects.toThrow(RangeError);
    await ledger.transact(() => ({ entries: [], result: null }));
    expect([ledger.state.size, commits()]).toEqual([2, before]);
  });

  it('I10: refuses an entry that is too long or impossible without harming others', async () => {
    const one = ledger.transact(() => ({ entries: [authorization()], result: null }));
    for (const entries of [
      [authorization({ message: 'A'.repeat(70_000) })],
      [authorization(), authorization({ message: 'A'.repeat(70_000) })],
      [authorization({ effects: [0.5] })],
      [authorization(), authorization({ effects: [0.5] })],
      [genesis()],
      [signature(77)],
      [signature(2), { type: 'failure', authorization: '2', code: 'HSM_UNAVAILABLE' } as const],
    ]) {
      await expect(ledger.transact(() => ({ entries, result: null }))).rejects.toBeInstanceOf(Error);
    }
    const two = ledger.transact(() => ({ entries: [freeze(KEY)], result: null }));
    expect((await one).written[0]?.sequence).toBe(2);
    expect((await two).written[0]?.sequence).toBe(3);
    expect(ledger.unavailable).toBeNull();
    await ledger.close();
    await (await open()).close();
  });

  it('never lets time go back, in entries or for decide', async () => {
    await ledger.transact(() => ({ entries: [{ type: 'tick' }], result: null }));
    const before = clock.now;
    clock.now -= 3_600_000;
    const { result } = await ledger.transact((_, now) => ({ entries: [{ type: 'tick' }], result: now }));
    expect([result, ledger.state.time]).toEqual([before, before]);
    await ledger.close();
    await (await open()).close();
  });

  it('holds entries together that one decision asks for', async () => {
    const [one, two] = await Promise.all([
      ledger.transact(() => ({ entries: [authorization(), authorization()], result: null })),
      ledger.transact(() => ({ entries: [authorization()], result: null })),
    ]);
    expect(one.written.map(({ sequence }) => sequence)).toEqual([2, 3]);
    expect(two.written.map(({ sequence }) => sequence)).toEqual([4]);
  });

  it('is refused once the ledger is closed, and close is harmless twice', async () => {
    const last = ledger.transact(() => ({ entries: [authorization()], result: null }));
    await Promise.all([last, ledger.close()]);
    await ledger.close();
    await expect(ledger.transact(() => ({ entries: [authorization()], result: null }))).rejects.toMatchObject(
      {
        code: 'LEDGER_UNAVAILABLE',
      },
    );
  });
});

describe('on disk', () => {
  it('a closed ledger ends with its last line', async () => {
    await ledger.transact(() => ({ entries: [authorization()], result: null }));
    await ledger.close();
    const bytes = disk.bytesOf(`${DIRECTORY}/000000000000.ledger`);
    expect(bytes.at(-1)).toBe(0x0a);
    expect(bytes.includes(0)).toBe(false);
    expect([...disk.names.keys()].sort()).toEqual([`${DIRECTORY}/000000000000.ledger`]);
  });

  it('blobs are found by their hash, and one that does not fit its name is damage', async () => {
    const name = await ledger.putBlob(Buffer.from('policy'));
    expect(Buffer.from((await ledger.getBlob(name))!).toString()).toBe('policy');
    expect(await ledger.getBlob('00'.repeat(32))).toBeNull();
    expect(await ledger.getBlob('../000000000000.ledger')).toBeNull();
    disk.bytesOf(`${DIRECTORY}/blobs/${name}`)[0]! ^= 1;
    await expect(ledger.getBlob(name)).rejects.toMatchObject({ code: 'LEDGER_DAMAGED' });
  });
});

describe('createLedger', () => {
  const create = (bodies: Parameters<typeof createLedger>[0]['genesis'], directory = '/other') =>
    createLedger({ directory, files: disk, clock, genesis: bodies });

  it('never starts a ledger over', async () => {
    await ledger.close();
    await expect(create([genesis()], DIRECTORY)).rejects.toMatchObject({ code: 'LEDGER_EXISTS' });
  });

  it('refuses a directory that a daemon holds', async () => {
    await expect(create([genesis()], DIRECTORY)).rejects.toMatchObject({ code: 'LEDGER_LOCKED' });
  });

  it('wants genesis first, once, and entries that fit', async () => {
    for (const bodies of [[], [policy()], [genesis(), genesis()], [genesis(), freeze('A'.repeat(70_000))]]) {
      await expect(create(bodies)).rejects.toMatchObject({ code: 'INTERNAL' });
    }
    await expect(openLedger({ directory: '/other', files: disk, clock })).rejects.toMatchObject({
      code: 'LEDGER_MISSING',
    });
  });
});
