import { lastError, libc } from './libc.js';

const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
const SO_PEERGROUPS = 59;

const getsockopt: (fd: number, level: number, name: number, value: Buffer, length: Buffer) => number =
  libc.func('int getsockopt(int fd, int level, int name, _Out_ uint8_t *value, _Inout_ uint8_t *length)');

/** Who called connect(2): frozen by the kernel at that moment, whoever holds the descriptor now. */
export interface PeerCredentials {
  /** In our pid namespace; 0 when the peer is outside it. */
  readonly pid: number;
  /** Effective uid and gid in our user namespace. */
  readonly uid: number;
  readonly gid: number;
  readonly supplementaryGids: readonly number[];
}

/** Reads an option into a buffer of `size` bytes; null with `errno` set when the kernel refuses. */
export function readSocketOption(fd: number, name: number, size: number): Buffer | null {
  const value = Buffer.alloc(size);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(size);
  if (getsockopt(fd, SOL_SOCKET, name, value, length) !== 0) return null;
  return value.subarray(0, length.readUInt32LE(0));
}

/**
 * SO_PEERCRED and SO_PEERGROUPS of a connected Unix socket. Call it synchronously in the `connection` event:
 * after a close the descriptor's number may belong to somebody else. Throws Error on anything but such a socket.
 */
export function peerCredentials(fd: number): PeerCredentials {
  const credentials = readSocketOption(fd, SO_PEERCRED, 12);
  if (credentials?.length !== 12) throw new Error(`SO_PEERCRED: ${lastError()}`);
  // NGROUPS_MAX is 65536 groups; one call with room for all costs less than asking for the size first.
  const groups =
    readSocketOption(fd, SO_PEERGROUPS, 4 * 1024) ?? readSocketOption(fd, SO_PEERGROUPS, 4 * 65_536);
  if (groups === null) throw new Error(`SO_PEERGROUPS: ${lastError()}`);
  const supplementaryGids: number[] = [];
  for (let at = 0; at < groups.length; at += 4) supplementaryGids.push(groups.readUInt32LE(at));
  return {
    pid: credentials.readInt32LE(0),
    uid: credentials.readUInt32LE(4),
    gid: credentials.readUInt32LE(8),
    supplementaryGids,
  };
}
