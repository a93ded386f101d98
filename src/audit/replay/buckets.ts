import type { RateWindow } from '../../policy/policy.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A rolling window and the bucket in which amounts are kept together, in milliseconds. */
export interface Span {
  readonly length: number;
  readonly bucket: number;
}

/** The rolling windows as the ledger's format defines them. */
export const SPANS: Readonly<Record<RateWindow, Span>> = {
  '1m': { length: MINUTE, bucket: 1000 },
  '10m': { length: 10 * MINUTE, bucket: 10_000 },
  '1h': { length: HOUR, bucket: MINUTE },
  '24h': { length: DAY, bucket: 15 * MINUTE },
  '7d': { length: 7 * DAY, bucket: 2 * HOUR },
  '30d': { length: 30 * DAY, bucket: 6 * HOUR },
};

export interface Bucket {
  readonly index: number;
  amount: bigint;
}

/** What one window holds, summed plainly at every reading. A bucket counts whole while any of it is in the window. */
export class Buckets {
  readonly #span: Span;
  /** Oldest first: time never goes back. */
  readonly #buckets: Bucket[] = [];

  constructor(span: Span) {
    this.#span = span;
  }

  add(amount: bigint, time: number): void {
    const old = this.#buckets.findIndex(({ index }) => index >= this.#oldest(time));
    this.#buckets.splice(0, old === -1 ? this.#buckets.length : old);
    const index = Math.floor(time / this.#span.bucket);
    const newest = this.#buckets.at(-1);
    if (newest?.index === index) newest.amount += amount;
    else this.#buckets.push({ index, amount });
  }

  /** Those that count at `now`, oldest first. */
  live(now: number): readonly Bucket[] {
    const oldest = this.#oldest(now);
    const [first] = this.#buckets;
    return first === undefined || first.index >= oldest
      ? this.#buckets
      : this.#buckets.filter(({ index }) => index >= oldest);
  }

  sum(now: number): bigint {
    let sum = 0n;
    for (const { amount } of this.live(now)) sum += amount;
    return sum;
  }

  /** The bucket that holds the far edge of the window. */
  #oldest(now: number): number {
    return Math.floor((now - this.#span.length) / this.#span.bucket);
  }
}

/** When windows of one span, together, hold at most `room` (never negative) if nothing is added; `now` at the earliest. */
export function drainsTo(span: Span, sums: readonly Buckets[], room: bigint, now: number): number {
  const live = sums.flatMap((sum) => sum.live(now)).sort((left, right) => left.index - right.index);
  let left = live.reduce((sum, { amount }) => sum + amount, 0n);
  let when = now;
  for (const { index, amount } of live) {
    if (left <= room) break;
    left -= amount;
    when = Math.max(now, (index + 1) * span.bucket + span.length);
  }
  return when;
}
