import { join } from 'node:path';
import { systemCode, type Files, type OpenFile } from '../../core/files.js';
import { segmentName, sparePath } from './paths.js';
import { writeZeros } from './write-segment.js';

/** The file that entries are written to now. */
export interface ActiveSegment {
  readonly file: OpenFile;
  /** Where the next line goes. */
  readonly end: number;
  /** Bytes in the file, those not used yet included. */
  readonly size: number;
  /** Time of its first entry; null when it has none. */
  readonly began: number | null;
}

/** When a segment ends. */
export interface SegmentBounds {
  readonly bytes: number;
  /** Milliseconds from its first entry on. */
  readonly age: number;
}

/**
 * The segment that is written now, and a spare one. Both are zero-filled beforehand, so that a write changes no
 * metadata of the file system (one cheap sync) and finds its space taken already on a disk that is full.
 */
export class Segments {
  readonly bytes: number;
  readonly age: number;
  /** Time of the first entry of the segment that the ledger was opened with; null when it has none. */
  readonly began: number | null;
  readonly #files: Files;
  readonly #directory: string;
  #file: OpenFile;
  #end: number;
  #size: number;
  #spare: 'absent' | 'preparing' | 'ready' = 'absent';
  #shortage: string | null = null;
  #preparing: Promise<void> = Promise.resolve();
  #finishing: Promise<void> = Promise.resolve();

  constructor(files: Files, directory: string, active: ActiveSegment, { bytes, age }: SegmentBounds) {
    this.#files = files;
    this.#directory = directory;
    this.#file = active.file;
    this.#end = active.end;
    this.#size = active.size;
    this.bytes = bytes;
    this.age = age;
    this.began = active.began;
  }

  /** Bytes not written yet in the present segment. */
  get room(): number {
    return this.#size - this.#end;
  }

  get spareReady(): boolean {
    return this.#spare === 'ready';
  }

  /** Why there is no spare segment and none being made; null otherwise. */
  get shortage(): string | null {
    return this.#shortage;
  }

  /**
   * Durable when it resolves. Space is taken beforehand, and libuv goes on after a short write by itself: what is
   * short all the same has met an error that libuv keeps to itself, and would be called good by the next write.
   */
  async append(bytes: Uint8Array): Promise<void> {
    const written = await this.#file.write(bytes, this.#end);
    if (written < bytes.length) {
      throw new Error(`only ${String(written)} of ${String(bytes.length)} bytes were written`);
    }
    this.#end += bytes.length;
  }

  /** Goes on in a new segment whose first entry is `first`. At most two are open at any time. */
  async roll(first: number): Promise<void> {
    await this.#preparing;
    await this.#finishing;
    if (this.#spare !== 'ready') {
      this.prepareSpare();
      await this.#preparing;
    }
    if (this.#spare !== 'ready') throw new Error(this.#shortage ?? 'no spare segment could be made');
    const path = join(this.#directory, segmentName(first));
    await this.#files.rename(sparePath(this.#directory), path);
    await this.#files.syncDirectory(this.#directory);
    const next = await this.#files.open(path, 'commit');
    this.#finish();
    this.#file = next;
    this.#end = 0;
    this.#size = this.bytes;
    this.#spare = 'absent';
    this.prepareSpare();
  }

  /** Makes the spare in the background unless there is one. */
  prepareSpare(): void {
    if (this.#spare !== 'absent') return;
    this.#spare = 'preparing';
    this.#preparing = this.#makeSpare().then(
      () => {
        this.#spare = 'ready';
        this.#shortage = null;
      },
      (error: unknown) => {
        this.#spare = 'absent';
        const code = systemCode(error) ?? String(error);
        const space = code === 'ENOSPC' || code === 'EDQUOT';
        this.#shortage = `${space ? 'no room for another segment' : 'another segment cannot be made'} (${code})`;
      },
    );
  }

  async #makeSpare(): Promise<void> {
    const path = sparePath(this.#directory);
    await this.#files.remove(path);
    const file = await this.#files.open(path, 'create');
    try {
      await writeZeros(file, 0, this.bytes);
      await file.sync();
    } catch (error) {
      // What was written so far may be the last free bytes of the disk.
      await this.#files.remove(path);
      throw error;
    } finally {
      await file.close();
    }
  }

  /** Cuts the zero bytes off. Only for those who read the file: recovery takes them for the end anyway. */
  #finish(): void {
    const file = this.#file;
    const end = this.#end;
    this.#finishing = this.#finishing.then(async () => {
      try {
        await file.truncate(end);
        await file.sync();
      } catch {
        // The zero bytes stay.
      } finally {
        await file.close();
      }
    });
  }

  /** `clean`: everything written is durable, so the present segment may be cut to its last line. */
  async close(clean: boolean): Promise<void> {
    await this.#preparing;
    if (clean) {
      this.#finish();
      try {
        await this.#files.remove(sparePath(this.#directory));
      } catch {
        // It holds nothing, and the next start makes it anew. What is cut must be cut before the lock is given up.
      }
    } else {
      this.#finishing = this.#finishing.then(() => this.#file.close());
    }
    await this.#finishing;
  }
}
