import koffi from 'koffi';

const LOCK_EX = 2;
const LOCK_NB = 4;

const flock: unknown = koffi.load(null).func('int flock(int fd, int operation)');

/**
 * Takes the exclusive BSD lock of an open file without waiting; false when another open file has it. The kernel
 * drops it when the descriptor closes or the process dies, so a crash leaves no stale lock behind.
 */
export function tryLockExclusive(fd: number): boolean {
  if (typeof flock !== 'function') throw new TypeError('flock is not callable');
  const result: unknown = Reflect.apply(flock, undefined, [fd, LOCK_EX | LOCK_NB]);
  if (result === 0) return true;
  const errno = koffi.errno();
  if (errno === koffi.os.errno['EWOULDBLOCK'] || errno === koffi.os.errno['EAGAIN']) return false;
  throw Object.assign(new Error(`flock failed with errno ${String(errno)}`), { code: errnoName(errno) });
}

function errnoName(errno: number): string {
  for (const [name, value] of Object.entries(koffi.os.errno)) if (value === errno) return name;
  return `errno ${String(errno)}`;
}
