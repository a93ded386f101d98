import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Longer than any pause between a host and the next after one failure. */
const APPEARS_WITHIN_MS = 10_000;

/**
 * The HSM hosts of a daemon: its children that have come to the code of the host, by the name they give themselves.
 * Waits for one, and rejects when none appears, so that nobody counts a signal that met no process.
 */
export async function runningHosts(daemon: number): Promise<readonly number[]> {
  const end = performance.now() + APPEARS_WITHIN_MS;
  while (performance.now() < end) {
    const found = await hosts(daemon);
    if (found.length > 0) return found;
    await sleep(5);
  }
  throw new Error(`daemon ${String(daemon)} has no HSM host`);
}

async function hosts(daemon: number): Promise<number[]> {
  const children = await readFile(`/proc/${String(daemon)}/task/${String(daemon)}/children`, 'utf8');
  const found: number[] = [];
  for (const child of children.split(' ').filter((text) => text.trim() !== '')) {
    const name = await readFile(`/proc/${child}/comm`, 'utf8').catch(() => '');
    if (name === 'chancery-hsm\n') found.push(Number(child));
  }
  return found;
}

/** Sends a signal to each host that runs; resolves with whom. */
export async function signalHosts(daemon: number, signal: NodeJS.Signals): Promise<readonly number[]> {
  const found = await runningHosts(daemon);
  for (const pid of found) {
    // 0 and negative numbers are groups, of which one is the test's own.
    if (!(Number.isInteger(pid) && pid > 1)) throw new TypeError(`${String(pid)} is no process`);
    process.kill(pid, signal);
  }
  return found;
}
