import type { Clock } from '../../core/clock.js';
import { Batch } from './batch.js';
import type { Segments } from './segments.js';

/** Bounds the memory of one write and how much one torn write can hold. */
const MAX_BATCH_BYTES = 1 << 20;
const FIRST_BUFFER_BYTES = 64 * 1024;

/**
 * Group commit: everything appended while a write runs goes to disk in the next one, with no timer. The first
 * batch waits for the end of the event loop's turn, so that requests that arrive together are written together.
 */
export class CommitQueue {
  readonly #segments: Segments;
  readonly #clock: Pick<Clock, 'boot'>;
  readonly #failed: (error: unknown) => Error;
  /** Not begun yet; the last may still grow. */
  readonly #waiting: Batch[] = [];
  /** The buffer of the last batch that was written: one fills while another is written. */
  #freeBuffer: Buffer | null = null;
  #running = false;
  /** The batch whose write runs now. */
  #writing: Batch | null = null;
  /** When that write began. */
  #writingSince = 0;
  #broken: Error | null = null;
  #idle: (() => void)[] = [];
  /** Bytes left in the segment that the last batch goes to, once all that waits is written. */
  #room: number;
  /** Time of the first entry in that segment; null while it has none. */
  #began: number | null;

  /** `failed` is called once, with the first error; what it returns is what every waiter is rejected with. */
  constructor(segments: Segments, clock: Pick<Clock, 'boot'>, failed: (error: unknown) => Error) {
    this.#segments = segments;
    this.#clock = clock;
    this.#failed = failed;
    this.#room = segments.room;
    this.#began = segments.began;
  }

  /** Bytes that can still be appended without making room on the disk. */
  get room(): number {
    return this.#room + (this.#segments.spareReady ? this.#segments.bytes : 0);
  }

  /** The batch that a line of so many bytes may join, or null when it must begin one. */
  joinable(bytes: number): Batch | null {
    const last = this.#waiting.at(-1);
    if (last === undefined || bytes > this.#room || last.length + bytes > MAX_BATCH_BYTES) return null;
    return last;
  }

  /**
   * Begins a batch with entry `first`, made at `now`: in a new segment when its line of so many bytes needs one, or
   * the present one is old enough.
   */
  begin(first: number, bytes: number, now: number): Batch {
    const rolls = bytes > this.#room || this.#aged(now);
    if (rolls) {
      this.#room = this.#segments.bytes;
      this.#began = now;
    }
    this.#began ??= now;
    const batch = new Batch(first, rolls, this.#freeBuffer ?? Buffer.allocUnsafe(FIRST_BUFFER_BYTES));
    this.#freeBuffer = null;
    this.#waiting.push(batch);
    if (!this.#running) {
      this.#running = true;
      setImmediate(() => void this.#run());
    }
    return batch;
  }

  /** Never while the disk has no room for a further segment: age alone must not stop anything. */
  #aged(now: number): boolean {
    if (this.#began === null || now - this.#began < this.#segments.age) return false;
    const rolling = this.#writing?.rolls === true || this.#waiting.some((batch) => batch.rolls);
    return this.#segments.spareReady && !rolling;
  }

  /** Adds a line to a batch that `joinable` or `begin` gave, in the same turn. Its hash. */
  add(batch: Batch, text: string, size: number): string {
    const before = batch.length;
    const digest = batch.add(text, size);
    this.#room -= batch.length - before;
    return digest;
  }

  async #run(): Promise<void> {
    for (let batch = this.#waiting.shift(); batch !== undefined; batch = this.#waiting.shift()) {
      this.#writing = batch;
      this.#writingSince = this.#clock.boot();
      try {
        if (batch.rolls) await this.#segments.roll(batch.first);
        await this.#segments.append(batch.bytes);
      } catch (error) {
        this.break(error, batch);
        break;
      }
      this.#freeBuffer = batch.buffer;
      batch.settle(null);
    }
    this.#writing = null;
    this.#running = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Gives up for good: after a failed sync nobody knows what is on disk, and a second one would say "fine". */
  break(error: unknown, current: Batch | null = null): void {
    this.#broken ??= this.#failed(error);
    current?.settle(this.#broken);
    for (const batch of this.#waiting.splice(0)) batch.settle(this.#broken);
  }

  get healthy(): boolean {
    return this.#broken === null;
  }

  /** For how long the disk has not answered the write that runs now, in milliseconds. */
  get unansweredFor(): number {
    return this.#writing === null ? 0 : this.#clock.boot() - this.#writingSince;
  }

  /** Resolves when everything appended so far is durable. */
  async durable(): Promise<void> {
    if (this.#broken !== null) throw this.#broken;
    await (this.#waiting.at(-1) ?? this.#writing)?.durable();
  }

  /** Resolves when nothing is being written and nothing waits. */
  async idle(): Promise<void> {
    if (this.#running) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }
}
