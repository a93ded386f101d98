import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { KILL_POINTS } from '../../../src/signing/points.js';
import { FaultyDisk } from '../disk/faulty-disk.js';
import type { SmallDisk } from '../disk/small-disk.js';
import { status } from '../site/admin.js';
import { runningHosts, signalHosts } from '../site/hosts.js';
import type { Site } from '../site/site.js';
import type { Random } from '../solana-loss/random.js';
import type { Clients } from './clients.js';

const KILL_AT = fileURLToPath(new URL('../site/kill-at.mjs', import.meta.url));
const SHIFT_CLOCK = fileURLToPath(new URL('../site/shift-clock.mjs', import.meta.url));
const MEBIBYTE = 1 << 20;
/** About what a start takes. */
const START_MS = 900;
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

/** Processes that were there, and that SIGKILL ended. */
export interface Kills {
  readonly daemon: number;
  readonly host: number;
}

/**
 * What happens under load. Each takes a daemon that signs and leaves one that does; it rejects when what it is for did
 * not happen.
 */
export const HAPPEN: Readonly<Record<Fault, (scene: Scene) => Promise<Kills>>> = {
  daemon: async (scene) => {
    await killUnderLoad(scene);
    await scene.site.start();
    return { daemon: 1, host: 0 };
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
    return { daemon: 1, host: 0 };
  },

  start: async (scene) => {
    await killUnderLoad(scene);
    const started = scene.site.start().catch(() => undefined);
    // At the latest when it is ready.
    await Promise.race([started, sleep(scene.random.below(START_MS))]);
    await kill(scene.site);
    await started;
    await scene.site.start();
    return { daemon: 2, host: 0 };
  },

  host: async ({ site, clients, random }) => {
    const load = clients.run();
    await moment(random);
    const before = site.log.length;
    const killed = await signalHosts(site.daemonPid, 'SIGKILL');
    await moment(random);
    await load.stop();
    // The next one, which the daemon starts only once it knows that the other is gone.
    const next = await runningHosts(site.daemonPid);
    if (killed.some((pid) => next.includes(pid)))
      throw new Error(`SIGKILL left host ${killed.join(' ')} alive`);
    await told(() => site.log.slice(before).split('"reason":"signal SIGKILL"').length - 1 === killed.length);
    return { daemon: 0, host: killed.length };
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
    const daemon = await stopOrKill(site, random);
    await site.start();
    return { daemon, host: 0 };
  },

  full: async (scene) => {
    if (scene.disk === null) throw new Error('there is no disk to fill');
    const load = scene.clients.run('LEDGER_UNAVAILABLE');
    await moment(scene.random);
    scene.disk.leave(MEBIBYTE);
    await moment(scene.random);
    await kill(scene.site);
    await load.stop();
    const started = await startOnFullDisk(scene.site);
    scene.disk.leave(Number.MAX_SAFE_INTEGER);
    if (!started) await scene.site.start();
    return { daemon: 1, host: 0 };
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
    const daemon = await stopOrKill(site, random);
    await site.start();
    for (const { hash } of (await status(site)).freezes) await site.unfreeze(hash);
    return { daemon, host: 0 };
  },
};

async function killUnderLoad({ site, clients, random }: Scene): Promise<void> {
  const before = clients.cutOff;
  const load = clients.run();
  await moment(random);
  await kill(site);
  await load.stop();
  if (clients.cutOff === before) throw new Error('the kill met a daemon that nobody asked');
}

/** Rejects when the daemon had ended by itself. */
async function kill(site: Site): Promise<void> {
  demand(await site.stop('SIGKILL'), 'SIGKILL', 'the daemon ended with');
}

/** How many were killed. */
async function stopOrKill(site: Site, random: Random): Promise<number> {
  const killed = random.chance(50);
  await (killed ? kill(site) : stopCleanly(site));
  return killed ? 1 : 0;
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
  if (!said.includes('the ledger cannot be opened (ENOSPC')) throw new Error(`on a full disk: ${said}`);
  return false;
}

/** What the daemon wrote comes through a pipe. */
async function told(holds: () => boolean): Promise<void> {
  for (let left = 100; !holds(); left--) {
    if (left === 0) throw new Error('the daemon does not say that its HSM host was killed');
    await sleep(50);
  }
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
