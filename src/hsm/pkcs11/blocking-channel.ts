import { readSync, writeSync } from 'node:fs';
import { FrameReader, type Frame } from '../frames.js';

const CHUNK = 64 * 1024;

/**
 * The host's end of the socket pair, used with blocking calls. The host does one thing at a time by design, so an
 * event loop would only add the cost of waking up: a read, a signature, a write.
 */
export class BlockingChannel {
  readonly #fd: number;
  readonly #reader = new FrameReader();
  #output: Buffer[] = [];

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** The next frame if it has arrived already. */
  arrived(): Frame | null {
    return this.#reader.next();
  }

  /** Waits for bytes; false when the daemon has closed its end or died. */
  wait(): boolean {
    const chunk = Buffer.allocUnsafe(CHUNK);
    const length = readSync(this.#fd, chunk);
    if (length === 0) return false;
    this.#reader.push(chunk.subarray(0, length));
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
    if (this.#output.length === 0) return;
    const [first] = this.#output;
    const bytes = this.#output.length === 1 && first !== undefined ? first : Buffer.concat(this.#output);
    this.#output = [];
    for (let written = 0; written < bytes.length;) written += writeSync(this.#fd, bytes, written);
  }
}
