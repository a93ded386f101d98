import { decodeBase64, encodeBase64 } from '../../core/base64.js';
import { HASH_BYTES } from '../tree/hash.js';

const FIRST_CAPACITY = 64;
/** As they are saved: two numbers of 48 bits, then the hash. */
const NUMBER_BYTES = 6;
const RECORD_BYTES = 2 * NUMBER_BYTES + HASH_BYTES;

/**
 * A queue of hashes, each with two numbers below 2^48 (an entry's sequence or a size, and a time), for tables that
 * would be a hundred thousand objects: 48 bytes a hash, none of them on the heap. A record keeps its index for as
 * long as it is in the queue.
 */
export class HashLog {
  #capacity = FIRST_CAPACITY;
  #counts = new Float64Array(FIRST_CAPACITY);
  #times = new Float64Array(FIRST_CAPACITY);
  #hashes = new Uint8Array(FIRST_CAPACITY * HASH_BYTES);
  #first = 0;
  #next = 0;

  /** Null when the text is not what `save` gives. */
  static restore(text: string): HashLog | null {
    const bytes = decodeBase64(text);
    if (bytes === null || bytes.length % RECORD_BYTES !== 0) return null;
    const log = new HashLog();
    while (log.#capacity * RECORD_BYTES < bytes.length) log.#grow();
    for (let at = 0; at < bytes.length; at += RECORD_BYTES) {
      log.push(
        bytes.subarray(at + 2 * NUMBER_BYTES, at + RECORD_BYTES),
        bytes.readUIntBE(at, NUMBER_BYTES),
        bytes.readUIntBE(at + NUMBER_BYTES, NUMBER_BYTES),
      );
    }
    return log;
  }

  /** Base64 of all records, oldest first. */
  save(): string {
    const bytes = Buffer.alloc(this.size * RECORD_BYTES);
    for (let index = this.#first, at = 0; index < this.#next; index++, at += RECORD_BYTES) {
      bytes.writeUIntBE(this.count(index), at, NUMBER_BYTES);
      bytes.writeUIntBE(this.time(index), at + NUMBER_BYTES, NUMBER_BYTES);
      bytes.set(this.hash(index), at + 2 * NUMBER_BYTES);
    }
    return encodeBase64(bytes);
  }

  get size(): number {
    return this.#next - this.#first;
  }

  /** Index of the oldest record; that of the next one when there is none. */
  get first(): number {
    return this.#first;
  }

  /** Index of the next record. */
  get next(): number {
    return this.#next;
  }

  /** Its index. */
  push(hash: Uint8Array, count: number, time: number): number {
    if (this.size === this.#capacity) this.#grow();
    const at = this.#next % this.#capacity;
    this.#counts[at] = count;
    this.#times[at] = time;
    this.#hashes.set(hash, at * HASH_BYTES);
    return this.#next++;
  }

  dropOldest(): void {
    if (this.size > 0) this.#first += 1;
  }

  count(index: number): number {
    return this.#counts[index % this.#capacity] ?? 0;
  }

  time(index: number): number {
    return this.#times[index % this.#capacity] ?? 0;
  }

  /** A view that holds until the next `push`. */
  hash(index: number): Uint8Array {
    const at = (index % this.#capacity) * HASH_BYTES;
    return this.#hashes.subarray(at, at + HASH_BYTES);
  }

  holds(hash: Uint8Array, index: number): boolean {
    const from = (index % this.#capacity) * HASH_BYTES;
    for (let at = 0; at < HASH_BYTES; at++) if (this.#hashes[from + at] !== hash[at]) return false;
    return true;
  }

  #grow(): void {
    const larger = new HashLog();
    larger.#capacity = 2 * this.#capacity;
    larger.#counts = new Float64Array(larger.#capacity);
    larger.#times = new Float64Array(larger.#capacity);
    larger.#hashes = new Uint8Array(larger.#capacity * HASH_BYTES);
    larger.#first = larger.#next = this.#first;
    for (let index = this.#first; index < this.#next; index++) {
      larger.push(this.hash(index), this.count(index), this.time(index));
    }
    this.#capacity = larger.#capacity;
    this.#counts = larger.#counts;
    this.#times = larger.#times;
    this.#hashes = larger.#hashes;
  }
}
