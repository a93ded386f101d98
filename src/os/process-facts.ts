import { readFileSync } from 'node:fs';
import { outOfDescriptors } from './descriptors.js';

/** What /proc says of a process now, for kernels that cannot name the peer by pidfd. */
export interface ProcessFacts {
  /** Clock ticks after boot; with the pid it names a process for good. */
  readonly startTime: bigint;
  /** Effective. */
  readonly uid: number;
}

/** Null when the process is gone or /proc is not readable. Throws EMFILE, ENFILE. */
export function processFacts(pid: number): ProcessFacts | null {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'latin1');
    // The command name may hold spaces and parentheses: fields count after the last one. Field 22, from 3.
    const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    const uid = /^Uid:\t\d+\t(\d+)\t/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'latin1'))?.[1];
    if (start === undefined || uid === undefined) return null;
    return { startTime: BigInt(start), uid: Number(uid) };
  } catch (error) {
    if (outOfDescriptors(error)) throw error;
    return null;
  }
}
