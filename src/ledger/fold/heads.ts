import { HASH_BYTES } from '../tree/hash.js';

/** A challenge may be this much older than the last entry. */
const SPACING_MS = 10_000;
/** At least 65,536 × 10 s: seven and a half days, above the longest sensible maxAge of an attestation. */
const REMEMBERED = 65_536;

export interface Head {
  readonly size: number;
  /** Base64. */
  readonly root: string;
  /** Milliseconds of the last entry. */
  readonly time: number;
}

/**
 * Roots that attestations may name as their challenge: the first head of each ten seconds and every head made
 * on purpose. 48 bytes each, in a ring.
 */
export class Heads {
  readonly #sizes = new Float64Array(REMEMBERED);
  readonly #times = new Float64Array(REMEMBERED);
  readonly #roots = Buffer.alloc(REMEMBERED * HASH_BYTES);
  #count = 0;
  #lastSlot = -1;

  /** `root` is called only when this head is kept. */
  offer(size: number, time: number, onPurpose: boolean, root: () => Uint8Array): void {
    const slot = Math.floor(time / SPACING_MS);
    if (slot === this.#lastSlot && !onPurpose) return;
    this.#lastSlot = slot;
    const at = this.#count % REMEMBERED;
    this.#sizes[at] = size;
    this.#times[at] = time;
    this.#roots.set(root(), at * HASH_BYTES);
    this.#count += 1;
  }

  newest(): Head | null {
    return this.#count === 0 ? null : this.#read(this.#count - 1);
  }

  find(size: number): Head | null {
    let low = Math.max(0, this.#count - REMEMBERED);
    let high = this.#count - 1;
    while (low <= high) {
      const middle = Math.floor((low + high) / 2);
      const found = this.#sizes[middle % REMEMBERED] ?? 0;
      if (found === size) return this.#read(middle);
      if (found < size) low = middle + 1;
      else high = middle - 1;
    }
    return null;
  }

  #read(index: number): Head {
    const at = index % REMEMBERED;
    return {
      size: this.#sizes[at] ?? 0,
      time: this.#times[at] ?? 0,
      root: this.#roots.toString('base64', at * HASH_BYTES, (at + 1) * HASH_BYTES),
    };
  }
}
