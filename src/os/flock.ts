import { systemCode } from '../core/files.js';
import { callError, libc } from './libc.js';

const LOCK_EX = 2;
const LOCK_NB = 4;

const flock: (fd: number, operation: number) => number = libc.func('int flock(int fd, int operation)');

/**
 * Takes the exclusive BSD lock of an open file without waiting; false when another open file has it. The kernel
 * drops it when the descriptor closes or the process dies, so a crash leaves no stale lock behind.
 */
export function tryLockExclusive(fd: number): boolean {
  if (flock(fd, LOCK_EX | LOCK_NB) === 0) return true;
  const error = callError('flock');
  const code = systemCode(error);
  if (code === 'EWOULDBLOCK' || code === 'EAGAIN') return false;
  throw error;
}
