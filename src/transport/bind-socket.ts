import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdtempSync,
  renameSync,
  rmSync,
  unlinkSync,
  type Stats,
} from 'node:fs';
import { connect, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { ChanceryError } from '../core/errors.js';
import { checkSocketPath } from '../core/socket-path.js';

/** The socket is made in a private directory beside its place, whose name adds these to the directory's. */
const PRIVATE_SUFFIX = '/.XXXXXX/s';

export interface BoundSocket {
  /**
   * Removes the file unless another daemon has put its own there. One that cannot be removed stays, as behind a daemon
   * that was killed: a stop must not end before its last entries because a directory has become read-only.
   */
  unbind(): void;
}

/** Who may connect: permission bits, and the group they mean; null for that of the process. */
export interface SocketAccess {
  readonly mode: number;
  readonly gid: number | null;
}

/**
 * Makes `server` listen at `path` with exactly this access. A file left by a dead daemon is replaced.
 *
 * Throws PATH_TOO_LONG; PERMISSION_UNSAFE when this process may not give the socket to the group; SOCKET_IN_USE when
 * something answers there or the file is no socket; FILE_UNREADABLE when the directory is missing or not writable.
 * Two daemons that start at once are kept apart by the ledger's lock.
 */
export async function bindSocket(
  server: Server,
  path: string,
  { mode, gid }: SocketAccess,
): Promise<BoundSocket> {
  checkSocketPath(path, `${dirname(path)}${PRIVATE_SUFFIX}`);
  await refuseLive(path);
  const directory = makePrivateDirectory(path);
  try {
    const made = join(directory, 's');
    await listening(server, made);
    // Nobody can reach it here, so there is no moment at which it has other permissions than these. The rename
    // replaces a dead file in one step; and what libuv unlinks at close is a name that is no longer ours.
    if (gid !== null) giveTo(gid, made, path);
    chmodSync(made, mode);
    const { ino } = lstatSync(made);
    renameSync(made, path);
    return {
      unbind: () => {
        unlinkIfOurs(path, ino);
      },
    };
  } catch (error) {
    server.close();
    throw unreadable(path, error);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function refuseLive(path: string): Promise<void> {
  const stats = statOrNull(path);
  if (stats === null) return;
  if (!stats.isSocket()) {
    throw new ChanceryError('SOCKET_IN_USE', `${path} exists and is not a socket`, {
      hint: 'move that file away or choose another path',
    });
  }
  const error = await connectError(path);
  // Only a refused connection proves that nobody listens: a full backlog or a missing permission does not.
  if (error === 'ECONNREFUSED' || error === 'ENOENT') return;
  throw new ChanceryError('SOCKET_IN_USE', `a process already listens at ${path}`, {
    hint: 'stop the other daemon, or choose another path',
  });
}

function statOrNull(path: string): Stats | null {
  try {
    return lstatSync(path);
  } catch {
    return null;
  }
}

/** The code of the error that connecting gives, or null when it succeeds. */
function connectError(path: string): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(null);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code ?? 'UNKNOWN');
    });
  });
}

function makePrivateDirectory(path: string): string {
  try {
    // Not `join`, which drops a last dot: the directory would then be made in the parent, where a daemon may not write.
    return mkdtempSync(`${dirname(path)}/.`);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** chown(2)'s uid that leaves the owner as it is. */
const SAME_OWNER = -1;

function giveTo(gid: number, made: string, path: string): void {
  try {
    chownSync(made, SAME_OWNER, gid);
  } catch (cause) {
    throw new ChanceryError('PERMISSION_UNSAFE', `the daemon may not give ${path} to group ${String(gid)}`, {
      cause,
      hint: "make the daemon's user a member of that group (SupplementaryGroups= in its unit)",
    });
  }
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}

function unlinkIfOurs(path: string, inode: number): void {
  if (statOrNull(path)?.ino !== inode) return;
  try {
    unlinkSync(path);
  } catch {
    // The next daemon replaces it.
  }
}

function unreadable(path: string, cause: unknown): ChanceryError {
  if (cause instanceof ChanceryError) return cause;
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new ChanceryError('FILE_UNREADABLE', `cannot make the socket ${path}: ${detail}`, {
    cause,
    hint: 'make its directory, writable for the daemon only',
  });
}
