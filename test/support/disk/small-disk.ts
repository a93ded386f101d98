import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statfsSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const CAP_SYS_ADMIN = 21n;

/** Whether this process may mount: then a mount that fails is an error and no reason to leave a test out. */
function mayMount(): boolean {
  const [, effective = '0'] =
    /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return ((BigInt(`0x${effective}`) >> CAP_SYS_ADMIN) & 1n) === 1n;
}

/** A small file system of its own, mounted over a directory, of which tests take space and the right to write. */
export class SmallDisk {
  /** Why none could be mounted, for want of the right to; null when it is mounted. */
  readonly refused: string | null;
  readonly directory: string;
  readonly #work = mkdtempSync(join(tmpdir(), 'chancery-disk-'));

  private constructor(directory: string, mount: (work: string) => string | null) {
    this.directory = directory;
    mkdirSync(directory, { recursive: true });
    this.refused = mount(this.#work);
    if (this.refused !== null && mayMount()) throw new Error(this.refused);
  }

  /** In memory; nothing is lost by not being synced. */
  static tmpfs(directory: string, kilobytes: number): SmallDisk {
    return new SmallDisk(directory, () =>
      run('mount', '-t', 'tmpfs', '-o', `mode=0700,size=${String(kilobytes)}k`, 'tmpfs', directory),
    );
  }

  /** A real journalling file system in a file, which an error turns read-only, as on a disk that breaks. */
  static ext4(directory: string, kilobytes: number): SmallDisk {
    const disk = new SmallDisk(directory, (work) => {
      const image = join(work, 'image');
      writeFileSync(image, '');
      truncateSync(image, kilobytes * 1024);
      return run('mkfs.ext4', '-q', image) ?? run('mount', '-o', 'loop,errors=remount-ro', image, directory);
    });
    return disk;
  }

  /** Takes all space but so many bytes; again with another figure changes it. */
  leave(bytes: number): void {
    const ballast = join(this.directory, 'ballast');
    rmSync(ballast, { force: true });
    const { bavail, bsize } = statfsSync(this.directory);
    const blocks = bavail - Math.ceil(bytes / bsize);
    if (blocks > 0) writeFileSync(ballast, Buffer.alloc(blocks * bsize));
  }

  /** Of one in memory. */
  grow(kilobytes: number): void {
    must(run('mount', '-o', `remount,size=${String(kilobytes)}k`, this.directory));
  }

  /** Only while no file of it is open for writing. */
  remount(mode: 'ro' | 'rw'): void {
    must(run('mount', '-o', `remount,${mode}`, this.directory));
  }

  /** What the kernel does to an ext4 when it meets an error; open files become read-only too. */
  breakDown(): void {
    const { stdout } = spawnSync('findmnt', ['-no', 'SOURCE', this.directory], { encoding: 'utf8' });
    writeFileSync(`/sys/fs/ext4/${basename(stdout.trim())}/trigger_fs_error`, '1');
  }

  /** Mounts it anew after `breakDown`, for writing. */
  repair(): void {
    must(run('umount', this.directory));
    const image = join(this.#work, 'image');
    // 1: errors were corrected.
    spawnSync('e2fsck', ['-p', image]);
    must(run('mount', '-o', 'loop,errors=remount-ro', image, this.directory));
  }

  remove(): void {
    if (this.refused === null) must(run('umount', this.directory));
    rmSync(this.#work, { recursive: true, force: true });
  }
}

/** Null when the command succeeded, else what it said. */
function run(command: string, ...args: readonly string[]): string | null {
  const done = spawnSync(command, args, { encoding: 'utf8' });
  if (done.error !== undefined) return `${command}: ${done.error.message}`;
  return done.status === 0 ? null : `${command} ${args.join(' ')}: ${done.stderr.trim()}`;
}

function must(refused: string | null): void {
  if (refused !== null) throw new Error(refused);
}
