import { z } from 'zod';
import { encodeBase64 } from '../../core/base64.js';
import { HashLog } from './hash-log.js';

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

export const savedHeads = z.strictObject({
  lastSlot: z.int(),
  /** Sizes, times and roots, as `HashLog` saves them. */
  kept: z.string(),
});
export type SavedHeads = z.infer<typeof savedHeads>;

/**
 * Roots that attestations may name as their challenge: the first head of each ten seconds and every head made
 * on purpose.
 */
export class Heads {
  readonly #kept: HashLog;
  #lastSlot = -1;

  constructor(kept = new HashLog()) {
    this.#kept = kept;
  }

  /** Null when the heads cannot be read. */
  static restore(saved: SavedHeads): Heads | null {
    const kept = HashLog.restore(saved.kept);
    if (kept === null || kept.size > REMEMBERED) return null;
    const heads = new Heads(kept);
    heads.#lastSlot = saved.lastSlot;
    return heads;
  }

  save(): SavedHeads {
    return { lastSlot: this.#lastSlot, kept: this.#kept.save() };
  }

  /** `root` is called only when this head is kept. */
  offer(size: number, time: number, onPurpose: boolean, root: () => Uint8Array): void {
    const slot = Math.floor(time / SPACING_MS);
    if (slot === this.#lastSlot && !onPurpose) return;
    this.#lastSlot = slot;
    if (this.#kept.size === REMEMBERED) this.#kept.dropOldest();
    this.#kept.push(root(), size, time);
  }

  newest(): Head | null {
    return this.#kept.size === 0 ? null : this.#read(this.#kept.next - 1);
  }

  find(size: number): Head | null {
    let low = this.#kept.first;
    let high = this.#kept.next - 1;
    while (low <= high) {
      const middle = Math.floor((low + high) / 2);
      const found = this.#kept.count(middle);
      if (found === size) return this.#read(middle);
      if (found < size) low = middle + 1;
      else high = middle - 1;
    }
    return null;
  }

  #read(index: number): Head {
    return {
      size: this.#kept.count(index),
      time: this.#kept.time(index),
      root: encodeBase64(this.#kept.hash(index)),
    };
  }
}
