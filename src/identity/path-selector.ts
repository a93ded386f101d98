import { geteuid } from 'node:process';
import { dirname } from 'node:path';
import { fileIdentity, type Executable, type FileIdentity } from '../os/executable.js';

/**
 * Whether `unix:path` holds. The path alone is the caller's word: in a mount namespace of its own (`unshare -Urm`
 * and a tmpfs) any file stands at any path. So the file must be the very one (device and inode) that has this path
 * in the daemon's namespace, and neither it nor a directory above it may be writable by anyone but root and the
 * daemon's own uid: an agent that can replace the file is not told apart by its path. The daemon's own uid holds
 * the ledger and the PIN already, so trusting it adds nothing; it lets a development set-up use a Node in $HOME.
 */
export function pathMatches(executable: Executable | null, path: string): boolean {
  if (executable?.path !== path || !path.startsWith('/')) return false;
  const file = fileIdentity(path);
  if (file === null) return false;
  const { device, inode } = executable.identity;
  return file.device === device && file.inode === inode && isSafe(file, false) && parentsAreSafe(path);
}

function parentsAreSafe(path: string): boolean {
  for (let directory = dirname(path); ; directory = dirname(directory)) {
    const identity = fileIdentity(directory);
    if (identity === null || !isSafe(identity, true)) return false;
    if (directory === '/') return true;
  }
}

const GROUP_OR_OTHER_WRITES = 0o022;
const STICKY = 0o1000;

function isSafe({ uid, mode }: FileIdentity, directory: boolean): boolean {
  if (uid !== 0 && uid !== geteuid?.()) return false;
  // In a sticky directory others add files, but cannot replace this one.
  return (mode & GROUP_OR_OTHER_WRITES) === 0 || (directory && (mode & STICKY) !== 0);
}
