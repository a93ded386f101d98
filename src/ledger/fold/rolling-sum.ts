import { z } from 'zod';

/** Index and decimal amount of each bucket, oldest first, spaces between: a snapshot holds very many of them. */
export const savedSum = z.string().regex(/^(?:\d+ \d+(?: \d+ \d+)*)?$/);
export type SavedSum = z.infer<typeof savedSum>;

/** A rolling window and the bucket in which amounts are kept together, both in milliseconds. */
export interface Span {
  readonly window: number;
  readonly bucket: number;
}

/**
 * The sum of what was added within the last `window` milliseconds, exact, in O(1) amortised. The oldest bucket
 * is counted whole for as long as any of it can lie in the window, so the answer is never less than the true
 * rolling sum and at most what window plus one bucket hold.
 */
export class RollingSum {
  readonly #span: Span;
  /** Of each bucket, oldest first: time divided by the bucket's length, and what was added in it. */
  readonly #indices: number[] = [];
  readonly #amounts: bigint[] = [];
  #total = 0n;

  constructor(span: Span) {
    this.#span = span;
  }

  static restore(span: Span, saved: SavedSum): RollingSum {
    const sum = new RollingSum(span);
    if (saved === '') return sum;
    const numbers = saved.split(' ');
    for (let at = 0; at < numbers.length; at += 2) {
      const amount = BigInt(numbers[at + 1] ?? '');
      sum.#indices.push(Number(numbers[at]));
      sum.#amounts.push(amount);
      sum.#total += amount;
    }
    return sum;
  }

  save(): SavedSum {
    return this.#indices.map((index, at) => `${String(index)} ${String(this.#amounts[at])}`).join(' ');
  }

  /** `time` never goes back. */
  add(amount: bigint, time: number): void {
    const oldest = this.#oldestIndex(time);
    while ((this.#indices[0] ?? oldest) < oldest) {
      this.#indices.shift();
      this.#total -= this.#amounts.shift() ?? 0n;
    }
    const index = Math.floor(time / this.#span.bucket);
    const last = this.#indices.length - 1;
    if (this.#indices[last] === index) this.#amounts[last] = (this.#amounts[last] ?? 0n) + amount;
    else {
      this.#indices.push(index);
      this.#amounts.push(amount);
    }
    this.#total += amount;
  }

  /** Reading changes nothing; a `now` before the last addition counts everything since. */
  at(now: number): bigint {
    const oldest = this.#oldestIndex(now);
    let total = this.#total;
    for (let at = 0; (this.#indices[at] ?? oldest) < oldest; at++) total -= this.#amounts[at] ?? 0n;
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
    const buckets = [...this.#buckets(), ...(beside === null ? [] : beside.#buckets())];
    if (beside !== null) buckets.sort((left, right) => left.index - right.index);
    for (const bucket of buckets) {
      if (total <= room) break;
      total -= bucket.amount;
      when = Math.max(now, (bucket.index + 1) * this.#span.bucket + this.#span.window);
    }
    return when;
  }

  #buckets(): { readonly index: number; readonly amount: bigint }[] {
    return this.#indices.map((index, at) => ({ index, amount: this.#amounts[at] ?? 0n }));
  }

  /** Whether nothing in it can lie in the window any more, at `now` or later. */
  drained(now: number): boolean {
    const newest = this.#indices.at(-1);
    return newest === undefined || newest < this.#oldestIndex(now);
  }

  /** The bucket that holds the window's far edge. */
  #oldestIndex(now: number): number {
    return Math.floor((now - this.#span.window) / this.#span.bucket);
  }
}
