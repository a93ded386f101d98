import { readFileSync } from 'node:fs';

const CAP_SYS_PTRACE = 19n;

/**
 * Whether a process may read the executables of other users' processes (CAP_SYS_PTRACE, effective); null when it is
 * gone or /proc hides it. `pid` null is this process.
 */
export function mayReadExecutables(pid: number | null): boolean | null {
  try {
    const status = readFileSync(`/proc/${pid === null ? 'self' : String(pid)}/status`, 'latin1');
    const effective = /^CapEff:\t([0-9a-f]{16})$/m.exec(status)?.[1];
    return effective === undefined ? null : ((BigInt(`0x${effective}`) >> CAP_SYS_PTRACE) & 1n) === 1n;
  } catch {
    return null;
  }
}
