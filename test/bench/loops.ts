import type { BenchChild } from './bench-child.js';
import type { Measurement } from './measure.js';
import { cpuMicros, residentBytes } from './process-usage.js';

export interface LoopPlan {
  readonly name: string;
  readonly child: BenchChild;
  readonly mode: string;
  readonly clients: number;
  /** Other processes that work for this loop, by name. */
  readonly servers: Readonly<Record<string, number>>;
  /** How the child itself is called in the accounts. */
  readonly own: string;
}

/** A loop in a child process, with the CPU and memory of everybody it keeps busy. */
export function loopMeasurement({ name, child, mode, clients, servers, own }: LoopPlan): Measurement {
  return {
    name,
    run: async (seconds) => {
      const pids = Object.entries(servers);
      const before = pids.map(([, pid]) => cpuMicros(pid));
      const loop = await child.run({ seconds, mode, clients });
      const spent = pids.map(
        ([server, pid], index) => [server, cpuMicros(pid) - (before[index] ?? 0)] as const,
      );
      const resident = pids.map(([server, pid]) => [server, residentBytes(pid)] as const);
      return {
        loop,
        cpuMicros: Object.fromEntries([...spent, [own, loop.cpuMicros]]),
        residentBytes: Object.fromEntries([...resident, [own, loop.residentBytes]]),
      };
    },
  };
}
