import { readFileSync, statSync } from 'node:fs';

/** The pid that holds the flock(2) of a file, by /proc/locks; null when none does, or it is of another namespace. */
export function lockHolder(path: string): number | null {
  try {
    const { ino } = statSync(path);
    // `1: FLOCK  ADVISORY  WRITE 812 fe:01:90112 0 EOF`: the device is not compared, since overlays show another.
    const held = /: FLOCK +\S+ +\S+ (\d+) [0-9a-f]+:[0-9a-f]+:(\d+) /g;
    for (const [, pid, inode] of readFileSync('/proc/locks', 'latin1').matchAll(held)) {
      if (Number(inode) === ino && Number(pid) > 0) return Number(pid);
    }
    return null;
  } catch {
    return null;
  }
}
