import type { Stats } from 'node:fs';
import { hasOnly } from '../os/groups.js';

/** Somebody who may write where only root and the daemon's user should. */
export interface Stranger {
  readonly who: string;
  readonly fix: string;
}

/**
 * One of those who may write a path of this status; null when nobody but root and the daemon's user may. A group with
 * no others in it is none: where each user has a group of their own, what they make may be written by it.
 */
export function strangerAt(
  path: string,
  { uid, gid, mode }: Pick<Stats, 'uid' | 'gid' | 'mode'>,
  daemon: number,
): Stranger | null {
  if (uid !== 0 && uid !== daemon) {
    return { who: `uid ${String(uid)}, its owner,`, fix: `chown ${String(daemon)} ${path}` };
  }
  if ((mode & 0o002) !== 0) return { who: 'everybody', fix: `chmod o-w ${path}` };
  if ((mode & 0o020) === 0 || gid === 0 || hasOnly(gid, [0, daemon])) return null;
  return { who: `group ${String(gid)}`, fix: `chmod g-w ${path}` };
}
