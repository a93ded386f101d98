import { describe, expect, it } from 'vitest';
import type { Files } from '../../../src/core/files.js';
import { RecentSignatures } from '../../../src/daemon/recent-signatures.js';
import { addSignedBefore } from '../../../src/daemon/signed-before.js';
import { Log } from '../../../src/operations/log.js';
import { DIRECTORY, grow, newDisk, openOn } from '../../support/checkpoint-rig.js';
import type { MadeSignature } from '../../../src/core/made-signature.js';
import { authorization, KEY, OTHER_KEY, signature } from '../../support/ledger-bodies.js';
import { DEFAULT_LIMITS } from '../../../src/transport/limits.js';
import { StillClock } from '../../support/ledger-clock.js';
import type { MemoryDisk } from '../../support/ledger-disk.js';

const MINUTE = 60_000;

/** A ledger of eight minutes in which each minute one was signed. */
async function eightMinutes(clock: StillClock): Promise<{ disk: MemoryDisk; signed: number[] }> {
  const disk = await newDisk(clock);
  const ledger = await openOn(disk, clock);
  const signed: number[] = [];
  for (let minute = 0; minute < 8; minute++) {
    const [asked] = (await ledger.transact(() => ({ entries: [authorization()], result: null }))).written;
    // More than a segment lies between it and its outcome.
    await grow(ledger, 400);
    clock.now += MINUTE / 2;
    const outcome = signature(asked!.sequence);
    const [written] = (await ledger.transact(() => ({ entries: [outcome], result: null }))).written;
    signed.push(written!.sequence);
    clock.now += MINUTE / 2;
  }
  await ledger.close();
  expect([...disk.names.keys()].filter((name) => name.endsWith('.ledger')).length).toBeGreaterThan(8);
  return { disk, signed };
}

/** What a process that starts now tells of, oldest first, and what it logs. */
async function started(disk: MemoryDisk, clock: StillClock, files: Files = disk) {
  const lines: string[] = [];
  const log = new Log('error', { write: (line) => void lines.push(line), flush: () => undefined });
  const ledger = await openOn(disk, clock);
  const recent = new RecentSignatures();
  await addSignedBefore(recent, { ledger, files, directory: DIRECTORY, clock, log });
  await ledger.close();
  return {
    recent,
    told: recent
      .since(0, null)
      .map(({ sequence }) => Number(sequence))
      .reverse(),
    lines,
  };
}

/** The same disk, which fails at one thing. */
function without(disk: MemoryDisk, broken: 'list' | 'open'): Files {
  return Object.create(disk, { [broken]: { value: () => Promise.reject(new Error('EIO')) } }) as Files;
}

describe('what was signed before a start', () => {
  it('is found over the ends of segments when it was signed lately, and nothing older', async () => {
    const clock = new StillClock();
    const began = clock.now;
    const { disk, signed } = await eightMinutes(clock);
    const { recent, told } = await started(disk, clock);
    expect(told).toEqual(signed.slice(3));
    expect(recent.since(0, KEY).at(-1)?.time).toBe(new Date(began + 3.5 * MINUTE).toISOString());
    expect(recent.since(0, 'another')).toEqual([]);
  });

  it('is read no further back when the clock lags behind the ledger: that would be all of it', async () => {
    const clock = new StillClock();
    const { disk, signed } = await eightMinutes(clock);
    expect((await started(disk, new StillClock(0))).told).toEqual(signed.slice(2));
  });

  it('is not read of a ledger that was idle', async () => {
    const clock = new StillClock();
    const { disk } = await eightMinutes(clock);
    clock.now += 6 * MINUTE;
    expect(await started(disk, clock, without(disk, 'list'))).toMatchObject({ told: [], lines: [] });
  });

  it('does not stop the start when it cannot be read, and that is logged', async () => {
    const clock = new StillClock();
    const { disk } = await eightMinutes(clock);
    const { told, lines } = await started(disk, clock, without(disk, 'open'));
    expect(told).toEqual([]);
    expect(lines.join()).toContain('recent_signatures_unread');
  });

  it('is nothing in a ledger in which nothing was signed', async () => {
    expect((await started(await newDisk(), new StillClock())).told).toEqual([]);
  });
});

describe('of very many signatures', () => {
  const one = (sequence: number, publicKey = KEY, time = sequence): MadeSignature => {
    return { time, key: 'trading-1', publicKey, signature: '5'.repeat(88), sequence };
  };

  it('the newest are told, as many as a connection may have unread', () => {
    const recent = new RecentSignatures();
    for (let sequence = 0; sequence < 50_001; sequence++) recent.add(one(sequence));
    const told = recent.since(0, null);
    expect([told.length, told[0]?.sequence, told.at(-1)?.sequence]).toEqual([4000, '50000', '46001']);
    expect(JSON.stringify(told).length).toBeLessThan(DEFAULT_LIMITS.maxUnreadBytes);
  });

  it('those of a busy key push out none of another, until they cannot land any more', () => {
    const recent = new RecentSignatures();
    recent.add(one(0, OTHER_KEY, MINUTE));
    for (let sequence = 1; sequence <= 50_000; sequence++) recent.add(one(sequence, KEY, 5 * MINUTE));
    expect(recent.since(0, OTHER_KEY).map(({ sequence }) => sequence)).toEqual(['0']);
    for (let sequence = 1; sequence <= 50_000; sequence++) recent.add(one(sequence, KEY, 7 * MINUTE));
    expect(recent.since(0, OTHER_KEY)).toEqual([]);
  });
});
