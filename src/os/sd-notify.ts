import { lastError, libc } from './libc.js';

const AF_UNIX = 1;
const SOCK_DGRAM_CLOEXEC = 0o2000002;
const MSG_NOSIGNAL = 0x4000;
const socket: (family: number, type: number, protocol: number) => number = libc.func(
  'int socket(int family, int type, int protocol)',
);
const sendto: (
  fd: number,
  bytes: Buffer,
  length: number,
  flags: number,
  address: Buffer,
  addressLength: number,
) => number = libc.func(
  'long sendto(int fd, uint8_t *bytes, size_t length, int flags, uint8_t *address, uint32_t addressLength)',
);
const close: (fd: number) => number = libc.func('int close(int fd)');

/** What a service tells its manager (sd_notify(3)). */
export type ServiceState =
  'READY=1' | 'STOPPING=1' | 'WATCHDOG=1' | `EXTEND_TIMEOUT_USEC=${string}` | `STATUS=${string}`;

/**
 * Tells systemd the state of the service. `address` is `$NOTIFY_SOCKET`: a path, or `@name` in the abstract
 * namespace; undefined outside systemd, when nothing is done. Node has no datagram Unix sockets, hence libc.
 * False when the message could not be delivered: a service goes on without its manager.
 */
export function sdNotify(state: ServiceState, address: string | undefined): boolean {
  if (address === undefined || !/^[@/]/.test(address)) return false;
  const path = Buffer.from(address);
  if (path.length > 107) return false;
  if (address.startsWith('@')) path[0] = 0;
  const family = Buffer.alloc(2);
  family.writeUInt16LE(AF_UNIX);
  // A path ends with its zero byte; an abstract name is as long as the address says.
  const target = Buffer.concat([family, path, Buffer.alloc(path[0] === 0 ? 0 : 1)]);
  const fd = socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
  if (fd < 0) throw new Error(`socket(AF_UNIX): ${lastError()}`);
  try {
    const bytes = Buffer.from(state.replaceAll('\n', ' '));
    return sendto(fd, bytes, bytes.length, MSG_NOSIGNAL, target, target.length) === bytes.length;
  } finally {
    close(fd);
  }
}
