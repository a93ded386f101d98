import { dirname } from 'node:path';
import type { FileLock, Files, OpenFile } from '../../src/core/files.js';

/** What a disk was asked to do, in order: enough to say what may be on it after a power cut at any point. */
export type DiskStep =
  | { readonly op: 'directory'; readonly path: string }
  | { readonly op: 'create'; readonly path: string; readonly file: number }
  | {
      readonly op: 'write';
      readonly file: number;
      readonly bytes: Buffer;
      readonly position: number;
      /** Written through an O_DSYNC descriptor. */
      readonly durable: boolean;
    }
  | { readonly op: 'sync'; readonly file: number }
  | { readonly op: 'truncate'; readonly file: number; readonly length: number }
  | { readonly op: 'rename'; readonly from: string; readonly to: string }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'syncDirectory'; readonly path: string };

interface Content {
  bytes: Buffer;
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

function writeInto(content: Content, bytes: Uint8Array, position: number): void {
  const end = position + bytes.length;
  if (content.bytes.length < end) {
    content.bytes = Buffer.concat([content.bytes, Buffer.alloc(end - content.bytes.length)]);
  }
  content.bytes.set(bytes, position);
}

function resize(content: Content, length: number): void {
  const next = Buffer.alloc(length);
  content.bytes.copy(next, 0, 0, Math.min(length, content.bytes.length));
  content.bytes = next;
}

/** A disk in memory that keeps a journal of what was asked of it and fails where a test says. */
export class MemoryDisk implements Files {
  readonly names = new Map<string, number>();
  readonly contents: Content[] = [];
  readonly directories = new Set<string>();
  readonly steps: DiskStep[] = [];
  readonly locked = new Set<string>();
  /** Called before each step; may throw the system's error. A number makes a write that short. */
  fault: (step: DiskStep, index: number) => number | null = () => null;
  /** Bytes that all files together may take. */
  capacity = Number.POSITIVE_INFINITY;

  #gate: Promise<void> | null = null;
  #stalled: () => void = () => undefined;

  /** Commits wait until `gate` opens; resolves when the first one waits. */
  stallCommits(gate: Promise<void>): Promise<void> {
    this.#gate = gate.finally(() => (this.#gate = null));
    return new Promise((resolve) => (this.#stalled = resolve));
  }

  async #passGate(durable: boolean): Promise<void> {
    if (!durable || this.#gate === null) return;
    this.#stalled();
    await this.#gate;
  }

  #do(step: DiskStep): number | null {
    const short = this.fault(step, this.steps.length);
    this.steps.push(step);
    return short;
  }

  list(directory: string): Promise<readonly string[] | null> {
    if (!this.directories.has(directory)) return Promise.resolve(null);
    const names = [...this.names.keys(), ...this.directories].filter((path) => dirname(path) === directory);
    return Promise.resolve(names.map((path) => path.slice(directory.length + 1)).sort());
  }

  makeDirectory(path: string): Promise<void> {
    return attempt(() => {
      if (this.directories.has(path)) return;
      this.#do({ op: 'directory', path });
      this.directories.add(path);
    });
  }

  open(path: string, mode: 'read' | 'create' | 'commit'): Promise<OpenFile> {
    return attempt(() => {
      const known = this.names.get(path);
      if (mode !== 'create') {
        if (known === undefined) throw systemError('ENOENT');
        return this.#handle(known, mode === 'commit');
      }
      if (known !== undefined) throw systemError('EEXIST');
      const file = this.contents.length;
      this.#do({ op: 'create', path, file });
      this.contents.push({ bytes: Buffer.alloc(0) });
      this.names.set(path, file);
      return this.#handle(file, false);
    });
  }

  #handle(file: number, durable: boolean): OpenFile {
    const content = this.contents[file]!;
    return {
      size: () => Promise.resolve(content.bytes.length),
      read: (buffer, position) =>
        attempt(() => content.bytes.copy(buffer, 0, Math.min(position, content.bytes.length))),
      write: async (bytes, position) => {
        await this.#passGate(durable);
        return attempt(() => {
          const grown = Math.max(0, position + bytes.length - content.bytes.length);
          const free = this.capacity - this.used();
          const fits = grown <= free ? bytes.length : bytes.length - (grown - Math.max(0, free));
          if (fits <= 0) throw systemError('ENOSPC');
          const copy = Buffer.from(bytes.subarray(0, fits));
          const short = this.#do({ op: 'write', file, bytes: copy, position, durable });
          const done = short === null ? copy : copy.subarray(0, short);
          writeInto(content, done, position);
          return done.length;
        });
      },
      sync: () => attempt(() => void this.#do({ op: 'sync', file })),
      truncate: (length) =>
        attempt(() => {
          this.#do({ op: 'truncate', file, length });
          resize(content, length);
        }),
      close: () => Promise.resolve(),
    };
  }

  used(): number {
    return [...new Set(this.names.values())].reduce(
      (sum, file) => sum + this.contents[file]!.bytes.length,
      0,
    );
  }

  rename(from: string, to: string): Promise<void> {
    return attempt(() => {
      const file = this.names.get(from);
      if (file === undefined) throw systemError('ENOENT');
      this.#do({ op: 'rename', from, to });
      this.names.delete(from);
      this.names.set(to, file);
    });
  }

  remove(path: string): Promise<void> {
    return attempt(() => {
      if (!this.names.has(path)) return;
      this.#do({ op: 'remove', path });
      this.names.delete(path);
    });
  }

  removeDirectory(path: string): Promise<void> {
    return attempt(() => {
      for (const name of [...this.names.keys()].filter((name) => name.startsWith(`${path}/`))) {
        this.#do({ op: 'remove', path: name });
        this.names.delete(name);
      }
      this.directories.delete(path);
    });
  }

  syncDirectory(path: string): Promise<void> {
    return attempt(() => void this.#do({ op: 'syncDirectory', path }));
  }

  lock(path: string): Promise<FileLock | null> {
    if (this.locked.has(path)) return Promise.resolve(null);
    this.locked.add(path);
    return Promise.resolve({
      release: () => {
        this.locked.delete(path);
        return Promise.resolve();
      },
    });
  }

  /** The bytes under a name. */
  bytesOf(path: string): Buffer {
    return this.contents[this.names.get(path)!]!.bytes;
  }
}

// A microtask later, as a real disk answers: what is appended meanwhile goes into the next write.
async function attempt<T>(action: () => T): Promise<T> {
  await Promise.resolve();
  return action();
}

export interface CrashImage {
  /** Steps that were done; the next one is in flight. */
  readonly done: number;
  /** `synced`: only what was made durable is there. `written`: all that was asked for is. */
  readonly survives: 'synced' | 'written';
  /** Bytes of the write in flight that reached the disk; absent: none. */
  readonly partial?: { readonly keep: readonly { readonly from: number; readonly to: number }[] };
}

/** The disk as a process finds it after the power was cut. */
export function crash(steps: readonly DiskStep[], image: CrashImage): MemoryDisk {
  const written: Content[] = [];
  const durable: Content[] = [];
  const names = new Map<string, number>();
  let durableNames = new Map<string, number>();
  const disk = new MemoryDisk();
  for (const step of steps.slice(0, image.done)) {
    switch (step.op) {
      case 'directory':
        disk.directories.add(step.path);
        break;
      case 'create':
        written[step.file] = { bytes: Buffer.alloc(0) };
        durable[step.file] = { bytes: Buffer.alloc(0) };
        names.set(step.path, step.file);
        break;
      case 'write':
        writeInto(written[step.file]!, step.bytes, step.position);
        if (step.durable) writeInto(durable[step.file]!, step.bytes, step.position);
        break;
      case 'sync':
        durable[step.file] = { bytes: Buffer.from(written[step.file]!.bytes) };
        break;
      case 'truncate':
        resize(written[step.file]!, step.length);
        break;
      case 'rename':
        names.set(step.to, names.get(step.from)!);
        names.delete(step.from);
        break;
      case 'remove':
        names.delete(step.path);
        break;
      case 'syncDirectory':
        durableNames = new Map([
          ...[...durableNames].filter(([path]) => dirname(path) !== step.path),
          ...[...names].filter(([path]) => dirname(path) === step.path),
        ]);
        break;
    }
  }
  const flying = steps[image.done];
  if (flying?.op === 'write' && image.partial !== undefined) {
    for (const { from, to } of image.partial.keep) {
      const part = flying.bytes.subarray(from, to);
      if (part.length === 0) continue;
      writeInto(written[flying.file]!, part, flying.position + from);
      writeInto(durable[flying.file]!, part, flying.position + from);
    }
  }
  const survivors = image.survives === 'synced' ? durable : written;
  for (const content of survivors) disk.contents.push({ bytes: Buffer.from(content.bytes) });
  const surviving = image.survives === 'synced' ? durableNames : names;
  for (const [path, file] of surviving) disk.names.set(path, file);
  return disk;
}
