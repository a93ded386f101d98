import { systemCode } from '../core/files.js';
import { callError, lastError, libc } from './libc.js';
import { readSocketOption } from './peer-credentials.js';

const SO_PEERPIDFD = 77;
const SYS_PIDFD_OPEN = 434;
const POLLIN = 1;

const syscall: (number: number, pid: number, flags: number) => number = libc.func(
  'long syscall(long number, long pid, unsigned long flags)',
);
const poll: (descriptors: Buffer, count: number, timeout: number) => number = libc.func(
  'int poll(_Inout_ uint8_t *descriptors, unsigned long count, int timeout)',
);
const close: (fd: number) => number = libc.func('int close(int fd)');

/** A process that cannot be mistaken for a later one with the same pid. */
export interface Pidfd {
  /** False from the moment the process (its last thread) has exited, reaped or not. 0.6 µs. */
  alive(): boolean;
  close(): void;
}

/** The process that connected, from the kernel (Linux 6.5); null where the kernel does not know the option. */
export function peerPidfd(socket: number): Pidfd | null {
  const value = readSocketOption(socket, SO_PEERPIDFD, 4);
  if (value !== null) return pidfd(value.readInt32LE(0));
  const error = callError('SO_PEERPIDFD');
  // ENODATA, ESRCH, EINVAL: the peer was reaped before we asked. Only a kernel without the option falls back.
  if (systemCode(error) === 'ENOPROTOOPT') return null;
  throw error;
}

/**
 * By number, for kernels before 6.5. The number may have been reused since connect(2): the caller MUST compare
 * what it knows of the peer with what /proc says now. Throws Error (ESRCH) when there is no such process.
 */
export function openPidfd(pid: number): Pidfd {
  const fd = syscall(SYS_PIDFD_OPEN, pid, 0);
  if (fd < 0) throw callError('pidfd_open');
  return pidfd(fd);
}

/**
 * 0: nothing to report, so the process runs. A signal to this process (a profiler's, a child's) makes even a poll(2)
 * without a timeout return EINTR, which says nothing of the other process: ask again. Other errors count as dead.
 */
function pending(descriptors: Buffer): number {
  let result = poll(descriptors, 1, 0);
  while (result < 0 && lastError() === 'EINTR') result = poll(descriptors, 1, 0);
  return result;
}

/** pidfds are opened close-on-exec by the kernel, so no child inherits them. */
function pidfd(fd: number): Pidfd {
  const descriptors = Buffer.alloc(8);
  descriptors.writeInt32LE(fd, 0);
  descriptors.writeInt16LE(POLLIN, 4);
  let open = true;
  return {
    alive: () => open && pending(descriptors) === 0,
    close: () => {
      if (!open) return;
      open = false;
      close(fd);
    },
  };
}
