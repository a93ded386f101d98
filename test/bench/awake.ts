import { spawn, type ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import type { Measurement } from './measure.js';

export function awake(name: string): string {
  return `${name}, awake`;
}

/**
 * The same measurement on processors that never idle. One client's signature wakes a process eight times, and a virtual
 * machine hands an idle processor back to its host, to get it with cold caches: what that costs is the machine's,
 * not the daemon's, and shows as the difference.
 */
export function whileAwake({ name, run }: Measurement): Measurement {
  return {
    name: awake(name),
    run: async (seconds) => {
      const loops = Array.from({ length: availableParallelism() }, startLoop);
      try {
        return await run(seconds);
      } finally {
        for (const loop of loops) loop.kill('SIGKILL');
      }
    },
  };
}

/** SCHED_IDLE (sched(7)): it runs while nobody else wants the processor, and makes way for everybody at once. */
function startLoop(): ChildProcess {
  return spawn('chrt', ['--idle', '0', 'sh', '-c', 'while :; do :; done'], { stdio: 'ignore' }).once(
    'error',
    (error) => {
      throw new Error('the bench needs chrt (util-linux)', { cause: error });
    },
  );
}
