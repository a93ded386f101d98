import { z } from 'zod';
import { encodeBase64 } from '../../core/base64.js';
import { HASH_BYTES } from '../tree/hash.js';

/** A challenge may be this much older than the last entry. */
const SPACING_MS = 10_000;
/** At least 65,536 × 10 s: seven and a half days, above the longest sensible maxAge of an attestation. */
const REMEMBERED = 65_536;
const FIRST_CAPACITY = 64;

export interface Head {
  readonly size: number;
  /** Base64. */
  readonly root: string;
  /** Milliseconds of the last entry. */
  readonly time: number;
}

export const savedHeads = z.strictObject({
  /** Heads ever kept; the last of them follow, oldest first. */
  count: z.int().nonnegative(),
  lastSlot: z.int(),
  kept: z.array(z.tuple([z.int(), z.int(), z.base64()])).max(REMEMBERED),
});
export type SavedHeads = z.infer<typeof savedHeads>;

/**
 * Roots that attestations may name as their challenge: the first head of each ten seconds and every head made
 * on purpose. 48 bytes each, in a ring.
 */
export class Heads {
  #capacity = FIRST_CAPACITY;
  #sizes = new Float64Array(FIRST_CAPACITY);
  #times = new Float64Array(FIRST_CAPACITY);
  #roots = new Uint8Array(FIRST_CAPACITY * HASH_BYTES);
  #count = 0;
  #lastSlot = -1;

  static restore(saved: SavedHeads): Heads {
    const heads = new Heads();
    while (heads.#capacity < saved.kept.length) heads.#grow();
    heads.#count = saved.count - saved.kept.length;
    for (const [size, time, root] of saved.kept) heads.#write(size, time, Buffer.from(root, 'base64'));
    heads.#lastSlot = saved.lastSlot;
    return heads;
  }

  save(): SavedHeads {
    const kept: SavedHeads['kept'] = [];
    for (let index = Math.max(0, this.#count - this.#capacity); index < this.#count; index++) {
      const { size, time, root } = this.#read(index);
      kept.push([size, time, root]);
    }
    return { count: this.#count, lastSlot: this.#lastSlot, kept };
  }

  /** `root` is called only when this head is kept. */
  offer(size: number, time: number, onPurpose: boolean, root: () => Uint8Array): void {
    const slot = Math.floor(time / SPACING_MS);
    if (slot === this.#lastSlot && !onPurpose) return;
    this.#lastSlot = slot;
    if (this.#count === this.#capacity && this.#capacity < REMEMBERED) this.#grow();
    this.#write(size, time, root());
  }

  #write(size: number, time: number, root: Uint8Array): void {
    const at = this.#count % this.#capacity;
    this.#sizes[at] = size;
    this.#times[at] = time;
    this.#roots.set(root, at * HASH_BYTES);
    this.#count += 1;
  }

  /** Before the ring turns for the first time, so places keep their meaning. */
  #grow(): void {
    this.#capacity *= 2;
    const sizes = new Float64Array(this.#capacity);
    const times = new Float64Array(this.#capacity);
    const roots = new Uint8Array(this.#capacity * HASH_BYTES);
    sizes.set(this.#sizes);
    times.set(this.#times);
    roots.set(this.#roots);
    this.#sizes = sizes;
    this.#times = times;
    this.#roots = roots;
  }

  newest(): Head | null {
    return this.#count === 0 ? null : this.#read(this.#count - 1);
  }

  find(size: number): Head | null {
    let low = Math.max(0, this.#count - this.#capacity);
    let high = this.#count - 1;
    while (low <= high) {
      const middle = Math.floor((low + high) / 2);
      const found = this.#sizes[middle % this.#capacity] ?? 0;
      if (found === size) return this.#read(middle);
      if (found < size) low = middle + 1;
      else high = middle - 1;
    }
    return null;
  }

  #read(index: number): Head {
    const at = index % this.#capacity;
    return {
      size: this.#sizes[at] ?? 0,
      time: this.#times[at] ?? 0,
      root: encodeBase64(this.#roots.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES)),
    };
  }
}
