import { closeSync, openSync, readlinkSync } from 'node:fs';
import { outOfDescriptors } from './descriptors.js';
import { libc } from './libc.js';

const AT_FDCWD = -100;
/** Answer from what the kernel has cached: a hung FUSE or NFS server must not hang the daemon. */
const AT_STATX_DONT_SYNC = 0x4000;
const STATX_INO = 0x100;
const STATX_TYPE_MODE_UID = 0x0b;
const O_PATH = 0x200000;

const statx: (directory: number, path: Buffer, flags: number, mask: number, result: Buffer) => number =
  libc.func('int statx(int directory, uint8_t *path, int flags, unsigned int mask, _Out_ uint8_t *result)');

/** A file by identity. Two files that exist at the same time never share both numbers. */
export interface FileIdentity {
  /** `major:minor`. */
  readonly device: string;
  readonly inode: bigint;
  readonly uid: number;
  /** Type and permission bits, as in stat(2). */
  readonly mode: number;
}

/**
 * The executable of a process, pinned: while it is open the inode cannot be freed, so its number cannot be given
 * to another file, and an equal device and inode means the same file.
 */
export interface Executable {
  /** What the kernel calls it now; ends in ` (deleted)` when it was unlinked; empty when it is longer than 4,096 bytes. */
  readonly path: string;
  readonly identity: FileIdentity;
  /** An O_PATH descriptor; reopen it through /proc/self/fd to read. */
  readonly fd: number;
  /** Whether process `pid` runs this very file now; false too when that cannot be read. 3 µs. */
  runs(): boolean;
  close(): void;
}

/**
 * Pins what `pid` runs. Null when it cannot be read: the process has exited, has no executable (kernel thread),
 * or belongs to another uid and this process lacks CAP_SYS_PTRACE. Throws EMFILE, ENFILE.
 */
export function pinExecutable(pid: number): Executable | null {
  const link = Buffer.from(`/proc/${String(pid)}/exe\0`);
  let fd: number;
  try {
    // O_PATH jumps through the magic link without asking the file system, which may be the caller's own.
    fd = openSync(`/proc/${String(pid)}/exe`, O_PATH);
  } catch (error) {
    if (outOfDescriptors(error)) throw error;
    return null;
  }
  const pinned = Buffer.alloc(STATX_BYTES);
  if (!readStatx(Buffer.from(`/proc/self/fd/${String(fd)}\0`), pinned)) {
    closeSync(fd);
    return null;
  }
  // Asked several times in a request: one buffer, and four words compared.
  const now = Buffer.alloc(STATX_BYTES);
  let open = true;
  return {
    path: pathOf(fd),
    identity: toIdentity(pinned),
    fd,
    runs: () => readStatx(link, now) && sameFile(now, pinned),
    close: () => {
      if (!open) return;
      open = false;
      closeSync(fd);
    },
  };
}

/**
 * A process may run what lies deeper than a path can say, and the kernel then gives none (ENAMETOOLONG): such a caller
 * must not leave its descriptors behind in an error at each connection.
 */
function pathOf(fd: number): string {
  try {
    return readlinkSync(`/proc/self/fd/${String(fd)}`);
  } catch {
    return '';
  }
}

/** The file that `path` names in this process's mount namespace, links followed; null when it cannot be read. */
export function fileIdentity(path: string): FileIdentity | null {
  if (path.includes('\0')) return null;
  const result = Buffer.alloc(STATX_BYTES);
  return readStatx(Buffer.from(`${path}\0`), result) ? toIdentity(result) : null;
}

const STATX_BYTES = 256;
/** Offsets in `struct statx`. */
const UID = 20;
const MODE = 28;
const INODE = 32;
const DEVICE_MAJOR = 136;
const DEVICE_MINOR = 140;

/** `path` ends in a zero byte. */
function readStatx(path: Buffer, result: Buffer): boolean {
  return statx(AT_FDCWD, path, AT_STATX_DONT_SYNC, STATX_INO | STATX_TYPE_MODE_UID, result) === 0;
}

function toIdentity(result: Buffer): FileIdentity {
  return {
    device: `${String(result.readUInt32LE(DEVICE_MAJOR))}:${String(result.readUInt32LE(DEVICE_MINOR))}`,
    inode: result.readBigUInt64LE(INODE),
    uid: result.readUInt32LE(UID),
    mode: result.readUInt16LE(MODE),
  };
}

function sameFile(left: Buffer, right: Buffer): boolean {
  for (const at of [INODE, INODE + 4, DEVICE_MAJOR, DEVICE_MINOR]) {
    if (left.readUInt32LE(at) !== right.readUInt32LE(at)) return false;
  }
  return true;
}
