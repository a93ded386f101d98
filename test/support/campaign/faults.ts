import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { KILL_POINTS } from '../../../src/signing/points.js';
import { FaultyDisk } from '../disk/faulty-disk.js';
import type { SmallDisk } from '../disk/small-disk.js';
import { status } from '../site/admin.js';
import { hostPids } from '../site/host-pids.js';
import type { Site } from '../site/site.js';
import type { Random } from '../solana-loss/random.js';
import type { Clients } from './clients.js';

const KILL_AT = fileURLToPath(new URL('../site/kill-at.mjs', import.meta.url));
const SHIFT_CLOCK = fileURLToPath(new URL('../site/shift-clock.mjs', import.meta.url));
const MEBIBYTE = 1 << 20;
/** From the first that no tolerance covers to a day, either way. */
const CLOCK_SHIFTS_S = [10, 60, 3600, 86_400, -10, -60, -3600, -86_400];
const DISK_FAULTS = [
  ['write *.ledger fail EIO 1'],
  ['write *.ledger fail ENOSPC 1'],
  ['write *.ledger after EIO 1'],
  ['write *.ledger short 100 1', 'write *.ledger fail ENOSPC 1'],
];

/** Where a fault happens. `disk`: what the ledger is on, null when this process may not mount. */
export interface Scene {
  readonly site: Site;
  readonly clients: Clients;
  readonly random: Random;
  readonly disk: SmallDisk | null;
}

export const FAULTS = ['daemon', 'point', 'start', 'host', 'write', 'full', 'clock'] as const;
export type Fault = (typeof FAULTS)[number];

/** What happens under load. Each takes a daemon that signs and leaves one that signs. */
export const HAPPEN: Readonly<Record<Fault, (scene: Scene) => Promise<void>>> = {
  daemon: async (scene) => {
    await killUnderLoad(scene);
    await scene.site.start();
  },

  point: async ({ site, clients, random }) => {
    await stopCleanly(site);
    await site.start(KILL_AT, {
      CHANCERY_TEST_KILL_AT: random.pick(KILL_POINTS),
      CHANCERY_TEST_KILL_AFTER: String(random.below(200)),
    });
    await clients.run().ended;
    demand(await site.ended(), 'SIGKILL', 'the daemon ended with');
    await site.start();
  },

  start: async (scene) => {
    await killUnderLoad(scene);
    const started = scene.site.start().catch(() => undefined);
    await sleep(scene.random.below(1500));
    await scene.site.stop('SIGKILL');
    await started;
    await scene.site.start();
  },

  host: async ({ site, clients, random }) => {
    const load = clients.run();
    await moment(random);
    for (const pid of await hostPids(site.daemonPid)) process.kill(pid, 'SIGKILL');
    await moment(random);
    await load.stop();
  },

  write: async ({ site, clients, random }) => {
    const shim = new FaultyDisk(site.ledger);
    await stopCleanly(site);
    shim.command();
    await site.start(undefined, shim.environment);
    const load = clients.run('LEDGER_UNAVAILABLE');
    await moment(random);
    shim.command(...random.pick(DISK_FAULTS));
    await load.ended;
    shim.command();
    const { ready, ledger } = await status(site);
    demand(ready || ledger.unavailable === null, false, 'a write failed; that it is latched is');
    await site.stop(random.pick(['SIGTERM', 'SIGKILL']));
    await site.start();
  },

  full: async (scene) => {
    if (scene.disk === null) throw new Error('there is no disk to fill');
    const load = scene.clients.run('LEDGER_UNAVAILABLE');
    await moment(scene.random);
    scene.disk.leave(MEBIBYTE);
    await moment(scene.random);
    await scene.site.stop('SIGKILL');
    await load.stop();
    const started = await startOnFullDisk(scene.site);
    scene.disk.leave(Number.MAX_SAFE_INTEGER);
    if (!started) await scene.site.start();
  },

  clock: async ({ site, clients, random }) => {
    await stopCleanly(site);
    await site.start(SHIFT_CLOCK, {
      CHANCERY_TEST_CLOCK_MS: String(random.pick(CLOCK_SHIFTS_S) * 1000),
      CHANCERY_TEST_CLOCK_ON_SIGNAL: '1',
    });
    const load = clients.run('CLOCK_JUMPED', 'KEY_FROZEN');
    await moment(random);
    process.kill(site.daemonPid, 'SIGUSR2');
    await load.ended;
    await site.stop(random.pick(['SIGTERM', 'SIGKILL']));
    await site.start();
    for (const { hash } of (await status(site)).freezes) await site.unfreeze(hash);
  },
};

async function killUnderLoad({ site, clients, random }: Scene): Promise<void> {
  const load = clients.run();
  await moment(random);
  await site.stop('SIGKILL');
  await load.stop();
}

/** It starts when the kill left a segment prepared, whose space it has; else it must say that there is none. */
async function startOnFullDisk(site: Site): Promise<boolean> {
  const before = site.log.length;
  const started = await site.start().then(
    () => true,
    () => false,
  );
  if (started) return true;
  demand(await site.ended(), 1, 'on a full disk the daemon ended with');
  const said = site.log.slice(before);
  if (!said.includes('the ledger cannot be opened (ENOSPC)')) throw new Error(`on a full disk: ${said}`);
  return false;
}

function moment(random: Random): Promise<void> {
  return sleep(30 + random.below(400));
}

async function stopCleanly(site: Site): Promise<void> {
  demand(await site.stop(), 0, 'the daemon ended with');
}

function demand(found: unknown, wanted: unknown, what: string): void {
  if (found !== wanted) throw new Error(`${what} ${String(found)}, not ${String(wanted)}`);
}
