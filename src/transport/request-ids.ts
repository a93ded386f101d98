import { randomFillSync } from 'node:crypto';

const ID_BYTES = 8;
/** One system call for many ids: drawing them one by one costs more than the rest of the envelope. */
const POOL_BYTES = 4096;

/** Random, so that an id tells nobody how many requests others make: 16 hex digits. */
export class RequestIds {
  readonly #pool = Buffer.alloc(POOL_BYTES);
  #used = POOL_BYTES;

  next(): string {
    if (this.#used === POOL_BYTES) {
      randomFillSync(this.#pool);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used = start + ID_BYTES;
    return this.#pool.toString('hex', start, this.#used);
  }
}
