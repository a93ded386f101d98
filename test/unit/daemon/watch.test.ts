import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startWatch } from '../../../src/daemon/watch.js';
import { Log } from '../../../src/operations/log.js';
import { freeze, KEY } from '../../support/ledger-bodies.js';
import { signingRig } from '../../support/signing-rig.js';

beforeEach(() => vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => vi.useRealTimers());

it('I10: a clock that jumped freezes every key also when there was no room for that at first', async () => {
  const rig = await signingRig();
  // The spare segment cannot be made, and freezes fill what is left of the one in use.
  await new Promise((resolve) => setTimeout(resolve, 20));
  rig.disk.capacity = rig.disk.used();
  const fill = { ...freeze(KEY), reason: 'x'.repeat(30_000) };
  for (let full = false; !full;)
    full = await rig.append(fill).then(
      () => false,
      () => true,
    );
  const small = { ...freeze(KEY), reason: 'x' };
  for (let full = false; !full;)
    full = await rig.append(small).then(
      () => false,
      () => true,
    );
  expect(rig.ledger.unavailable).toBeNull();

  const lines: string[] = [];
  const log = new Log('error', { write: (line) => void lines.push(line), flush: () => undefined });
  const watch = startWatch(rig.path, log);
  const wall = vi.spyOn(rig.clock, 'wall').mockImplementation(() => rig.clock.now + 3_600_000);
  const jumps = () => rig.entries().filter((entry) => entry.type === 'freeze' && entry.by === null).length;
  const turn = async (): Promise<void> => {
    rig.clock.now += 1000;
    vi.advanceTimersByTime(1000);
    await new Promise((resolve) => setTimeout(resolve, 20));
  };
  await turn();
  expect(jumps()).toBe(0);
  rig.disk.capacity = Number.POSITIVE_INFINITY;
  for (let turns = 0; turns < 5; turns++) await turn();
  expect(jumps()).toBe(1);
  expect(lines.filter((line) => line.includes('clock_jumped'))).toHaveLength(1);
  wall.mockRestore();
  await watch.stop();
});
