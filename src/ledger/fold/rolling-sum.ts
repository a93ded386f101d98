import { z } from 'zod';

/** Bucket index and decimal amount, oldest first. */
export const savedSum = z.array(z.tuple([z.int(), z.string().regex(/^\d+$/)]));
export type SavedSum = z.infer<typeof savedSum>;

/** A rolling window and the bucket in which amounts are kept together, both in milliseconds. */
export interface Span {
  readonly window: number;
  readonly bucket: number;
}

interface Bucket {
  /** Time divided by the bucket's length. */
  readonly index: number;
  amount: bigint;
}

/**
 * The sum of what was added within the last `window` milliseconds, exact, in O(1) amortised. The oldest bucket
 * is counted whole for as long as any of it can lie in the window, so the answer is never less than the true
 * rolling sum and at most what window plus one bucket hold.
 */
export class RollingSum {
  readonly #span: Span;
  /** Oldest first, none empty. */
  readonly #buckets: Bucket[] = [];
  #total = 0n;

  constructor(span: Span) {
    this.#span = span;
  }

  static restore(span: Span, saved: SavedSum): RollingSum {
    const sum = new RollingSum(span);
    for (const [index, text] of saved) {
      const amount = BigInt(text);
      sum.#buckets.push({ index, amount });
      sum.#total += amount;
    }
    return sum;
  }

  save(): SavedSum {
    return this.#buckets.map(({ index, amount }) => [index, amount.toString()]);
  }

  /** `time` never goes back. */
  add(amount: bigint, time: number): void {
    const oldest = this.#oldestIndex(time);
    while (this.#buckets[0] !== undefined && this.#buckets[0].index < oldest) {
      this.#total -= this.#buckets[0].amount;
      this.#buckets.shift();
    }
    const index = Math.floor(time / this.#span.bucket);
    const last = this.#buckets.at(-1);
    if (last?.index === index) last.amount += amount;
    else this.#buckets.push({ index, amount });
    this.#total += amount;
  }

  /** Reading changes nothing; a `now` before the last addition counts everything since. */
  at(now: number): bigint {
    const oldest = this.#oldestIndex(now);
    let total = this.#total;
    for (const bucket of this.#buckets) {
      if (bucket.index >= oldest) break;
      total -= bucket.amount;
    }
    return total;
  }

  /**
   * The earliest time from `now` on at which the sum is at most `room`; null when `room` is negative. `beside` is
   * a second sum of the same span that shares the room.
   */
  drainsTo(room: bigint, now: number, beside: RollingSum | null = null): number | null {
    if (room < 0n) return null;
    let total = this.#total + (beside === null ? 0n : beside.#total);
    let when = now;
    const buckets =
      beside === null
        ? this.#buckets
        : [...this.#buckets, ...beside.#buckets].sort((left, right) => left.index - right.index);
    for (const bucket of buckets) {
      if (total <= room) break;
      total -= bucket.amount;
      when = Math.max(now, (bucket.index + 1) * this.#span.bucket + this.#span.window);
    }
    return when;
  }

  /** Whether nothing in it can lie in the window any more, at `now` or later. */
  drained(now: number): boolean {
    const newest = this.#buckets.at(-1);
    return newest === undefined || newest.index < this.#oldestIndex(now);
  }

  /** The bucket that holds the window's far edge. */
  #oldestIndex(now: number): number {
    return Math.floor((now - this.#span.window) / this.#span.bucket);
  }
}
