import { ChanceryError } from '../core/errors.js';
import { pinExecutable, type Executable } from '../os/executable.js';
import { peerCredentials, type PeerCredentials } from '../os/peer-credentials.js';
import { openPidfd, peerPidfd, type Pidfd } from '../os/pidfd.js';
import { processFacts } from '../os/process-facts.js';
import { refuseForeign } from './foreign.js';
import { noDescriptor } from './no-descriptor.js';

/** What is known of the process that connected, frozen at that moment. */
export interface PeerFacts {
  readonly pid: number;
  /** Effective. */
  readonly uid: number;
  readonly gid: number;
  readonly supplementaryGids: readonly number[];
  /**
   * Path of the executable as the kernel names it; empty when it cannot be read (another uid's process, and the
   * daemon without CAP_SYS_PTRACE) or is too long to be named. Chosen by the caller's mount namespace: for people and
   * records, proof of nothing by itself.
   */
  readonly exe: string;
}

/**
 * The process at the other end of a connection. The caller MUST ask `check` before it relies on the facts, and
 * again after anything that took time: between, the process may have exited or become another program.
 */
export interface Peer {
  readonly facts: PeerFacts;
  /** `facts.uid`, for quotas. */
  readonly uid: number;
  /** The executable, pinned; null when it cannot be read, and then nothing that needs it matches. */
  readonly executable: Executable | null;
  /**
   * Null while the same process is alive and runs the same executable file, else WORKLOAD_CHANGED; ABORTED once the
   * connection was closed. About 4 µs.
   */
  check(): ChanceryError | null;
  /** Null while the same process is alive, whatever it runs, else as `check`. Under 1 µs. */
  alive(): ChanceryError | null;
  /** When the connection has ended: what is under way for it ends too, and nothing more is known of its process. */
  close(): void;
}

/** How the process is held; tests run both on any kernel. */
export type PidfdSource = 'kernel' | 'number';

/**
 * Admits the peer of a connected Unix socket. MUST be called synchronously in the `connection` event, with the
 * descriptor of that socket.
 *
 * Throws WORKLOAD_UNKNOWN when the kernel cannot name the process here (another pid or user namespace), and
 * WORKLOAD_CHANGED when it has already exited: SO_PEERCRED names the process that called connect(2), and a child
 * that inherited the socket from it is not that process. OVERLOADED when no descriptor is left to hold it by.
 */
export function admitPeer(fd: number, source?: PidfdSource): Peer {
  const credentials = peerCredentials(fd);
  refuseForeign(credentials);
  const pidfd = holdProcess(fd, credentials, source);
  const executable = pinHeld(credentials.pid, pidfd);
  const { pid, uid, gid, supplementaryGids } = credentials;
  let closed = false;
  // Who only hangs up is no other process: WORKLOAD_CHANGED would have an operator look for somebody who borrowed a name.
  const lost = (): ChanceryError =>
    closed ? new ChanceryError('ABORTED', 'the client went away') : changed();
  const peer: Peer = {
    facts: { pid, uid, gid, supplementaryGids, exe: executable?.path ?? '' },
    uid,
    executable,
    // The executable first: an answer about a pid counts only if the process was alive after it was given.
    check: () => ((executable === null || executable.runs()) && pidfd.alive() ? null : lost()),
    alive: () => (pidfd.alive() ? null : lost()),
    close: () => {
      closed = true;
      executable?.close();
      pidfd.close();
    },
  };
  const gone = peer.check();
  if (gone === null) return peer;
  peer.close();
  throw gone;
}

function holdProcess(fd: number, credentials: PeerCredentials, source?: PidfdSource): Pidfd {
  try {
    const held = source === 'number' ? null : peerPidfd(fd);
    if (held !== null) return held;
    if (source === 'kernel') throw new Error('the kernel has no SO_PEERPIDFD');
    return holdByNumber(credentials);
  } catch (error) {
    throw noDescriptor(error) ?? changed(error);
  }
}

/** Without its executable the process would be taken for one that may not be read, and be told that nobody knows it. */
function pinHeld(pid: number, pidfd: Pidfd): Executable | null {
  try {
    return pinExecutable(pid);
  } catch (error) {
    pidfd.close();
    throw noDescriptor(error) ?? error;
  }
}

/**
 * Before Linux 6.5 the pid of connect(2) is only a number. The process found under it now must have the same
 * effective uid, and be the same one (start time) before and after the pidfd was taken: what is left is another
 * process of the same uid, which could act as that workload anyway.
 */
function holdByNumber({ pid, uid }: PeerCredentials): Pidfd {
  const before = processFacts(pid);
  const pidfd = openPidfd(pid);
  try {
    const after = processFacts(pid);
    const same =
      before !== null && before.startTime === after?.startTime && before.uid === uid && after.uid === uid;
    if (same && pidfd.alive()) return pidfd;
    throw new Error('the pid names another process now');
  } catch (error) {
    pidfd.close();
    throw error;
  }
}

function changed(cause?: unknown): ChanceryError {
  return new ChanceryError(
    'WORKLOAD_CHANGED',
    'the process that connected has exited or runs another executable',
    {
      cause,
      hint: 'connect again from the process that asks; do not pass connections on or exec after connecting',
    },
  );
}
