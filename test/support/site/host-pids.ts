import { readFile } from 'node:fs/promises';

/** The HSM hosts of a daemon: its children that run host-main.js. */
export async function hostPids(daemon: number): Promise<number[]> {
  const children = await readFile(`/proc/${String(daemon)}/task/${String(daemon)}/children`, 'utf8');
  const pids: number[] = [];
  for (const pid of children.trim().split(' ').filter(Boolean)) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command.includes('host-main.js')) pids.push(Number(pid));
  }
  return pids;
}
