import { expect, it } from 'vitest';
import { RecentSignatures } from '../../../src/daemon/recent-signatures.js';
import { signedBefore } from '../../../src/daemon/signed-before.js';
import { DIRECTORY, grow, newDisk, openOn } from '../../support/checkpoint-rig.js';
import { authorization, KEY, signature } from '../../support/ledger-bodies.js';
import { DEFAULT_LIMITS } from '../../../src/transport/limits.js';
import { StillClock } from '../../support/ledger-clock.js';

const MINUTE = 60_000;

it('what was signed lately is found over the ends of segments, and nothing older', async () => {
  const clock = new StillClock();
  const disk = await newDisk(clock);
  const ledger = await openOn(disk, clock);
  const began = clock.now;
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
  const found = await signedBefore(disk, DIRECTORY, clock.now - 5 * MINUTE);
  expect(found.map(({ sequence }) => sequence)).toEqual(signed.slice(3));
  expect(found[0]).toMatchObject({ publicKey: KEY, time: began + 3.5 * MINUTE });
  const recent = new RecentSignatures(found);
  expect(recent.since(0, KEY)).toHaveLength(5);
  expect(recent.since(0, 'another')).toEqual([]);
});

it('a ledger in which nothing was signed gives nothing', async () => {
  expect(await signedBefore(await newDisk(), DIRECTORY, 0)).toEqual([]);
});

it('of very many the newest are told, as many as a connection may have unread', () => {
  const one = { time: 1, key: 'trading-1', publicKey: KEY, signature: '5'.repeat(88) };
  const recent = new RecentSignatures(Array.from({ length: 4001 }, (_, sequence) => ({ ...one, sequence })));
  const told = recent.since(0, null);
  expect([told.length, told[0]?.sequence, told.at(-1)?.sequence]).toEqual([4000, '4000', '1']);
  expect(JSON.stringify(told).length).toBeLessThan(DEFAULT_LIMITS.maxUnreadBytes);
});
