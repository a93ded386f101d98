import { readSync, writeSync } from 'node:fs';
import { FrameReader, type Frame } from '../frames.js';

/** Two windows of transactions fit; a longer frame arrives in pieces. */
const CHUNK = 64 * 1024;

/**
 * The host's end of the socket pair, used with blocking calls. The host does one thing at a time by design, so an
 * event loop would only add the cost of waking up: a read, a signature, a write.
 */
export class BlockingChannel {
  readonly #fd: number;
  readonly #reader = new FrameReader();
  /** One for all reads: memory that is new at each read costs more than the read. */
  readonly #chunk = Buffer.alloc(CHUNK);
  #output: Buffer[] = [];

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** The next frame if it has arrived already; valid until `wait` is called. */
  arrived(): Frame | null {
    return this.#reader.next();
  }

  /** Waits for bytes; false when the daemon has closed its end or died. Call it when `arrived` gives null. */
  wait(): boolean {
    // What is left of a frame lies in the chunk that is about to be overwritten.
    this.#reader.keep();
    const length = readSync(this.#fd, this.#chunk);
    if (length === 0) return false;
    this.#reader.push(this.#chunk.subarray(0, length));
    return true;
  }

  /** Kept until `flush`. */
  queue(frame: Buffer): void {
    this.#output.push(frame);
  }

  get queued(): number {
    return this.#output.length;
  }

  flush(): void {
    const [first] = this.#output;
    if (first === undefined) return;
    const bytes = this.#output.length === 1 ? first : Buffer.concat(this.#output);
    this.#output = [];
    for (let written = 0; written < bytes.length;) written += writeSync(this.#fd, bytes, written);
  }
}
