import { hash } from 'node:crypto';
import { HASH_CHARACTERS, LINE_PREFIX_BYTES, NEWLINE, SPACE } from '../entry-text.js';

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Lines that go to disk in one write, and those who wait for it. */
export class Batch {
  /** Sequence of its first entry. */
  readonly first: number;
  /** Whether it begins a new segment. */
  readonly rolls: boolean;
  readonly #waiters: Waiter[] = [];
  #buffer: Buffer;
  #length = 0;

  /** `buffer` is its own until it is settled; it takes a larger one when it must. */
  constructor(first: number, rolls: boolean, buffer: Buffer) {
    this.first = first;
    this.rolls = rolls;
    this.#buffer = buffer;
  }

  get length(): number {
    return this.#length;
  }

  /** The whole buffer, for the next batch. */
  get buffer(): Buffer {
    return this.#buffer;
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Adds the line of an entry whose text has `size` bytes, and returns its hash (64 hex). */
  add(text: string, size: number): string {
    const at = this.#length;
    const separator = at + HASH_CHARACTERS;
    const end = at + LINE_PREFIX_BYTES + size;
    this.#reserve(end + 1);
    // Nearly every entry is ASCII, which is copied and not transcoded.
    this.#buffer.write(text, separator + 1, size, text.length === size ? 'latin1' : 'utf8');
    // The leaf prefix stands where the separator goes: hashing needs no second copy.
    this.#buffer[separator] = 0;
    const digest = hash('sha256', this.#buffer.subarray(separator, end));
    this.#buffer[separator] = SPACE;
    this.#buffer.write(digest, at, HASH_CHARACTERS, 'latin1');
    this.#buffer[end] = NEWLINE;
    this.#length = end + 1;
    return digest;
  }

  #reserve(length: number): void {
    if (length <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(length, 2 * this.#buffer.length));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }

  durable(): Promise<void> {
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  settle(error: Error | null): void {
    for (const { resolve, reject } of this.#waiters) {
      if (error === null) resolve();
      else reject(error);
    }
  }
}
