import type { Counted } from '../../ledger/entries.js';
import type { Meters as PolicyMeters } from '../../policy/policy-state.js';
import type { RateWindow } from '../../policy/policy.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * The rolling windows as the ledger's format defines them: length and bucket in milliseconds. A bucket counts
 * whole for as long as any of it lies in the window.
 */
const WINDOWS: Readonly<Record<RateWindow, readonly [length: number, bucket: number]>> = {
  '1m': [MINUTE, 1000],
  '10m': [10 * MINUTE, 10_000],
  '1h': [HOUR, MINUTE],
  '24h': [DAY, 15 * MINUTE],
  '7d': [7 * DAY, 2 * HOUR],
  '30d': [30 * DAY, 6 * HOUR],
};

/** Amounts by bucket, for one key, unit and window. */
type Buckets = Map<number, bigint>;

/**
 * What each key has spent, summed plainly from buckets at every reading: slower than the daemon's running totals
 * and written apart from them, so that the two check each other.
 */
export class Meters implements PolicyMeters {
  readonly #buckets = new Map<string, Buckets>();
  /** When a rollback was accepted: windows that reach back to it count as full. */
  #filledAt = Number.NEGATIVE_INFINITY;

  fill(time: number): void {
    this.#filledAt = time;
  }

  /** `time` in milliseconds; amounts in base units. */
  add(publicKey: string, counted: readonly Counted[], time: number): void {
    for (const { unit, amount } of counted) {
      for (const window of Object.keys(WINDOWS) as RateWindow[])
        this.#add(publicKey, unit, window, BigInt(amount), time);
    }
  }

  #add(publicKey: string, unit: string, window: RateWindow, amount: bigint, time: number): void {
    const [, bucket] = WINDOWS[window];
    const subject = `${publicKey} ${window} ${unit}`;
    let buckets = this.#buckets.get(subject);
    if (buckets === undefined) this.#buckets.set(subject, (buckets = new Map<number, bigint>()));
    const index = Math.floor(time / bucket);
    buckets.set(index, (buckets.get(index) ?? 0n) + amount);
    for (const old of buckets.keys()) {
      if (old >= oldest(window, time)) break;
      buckets.delete(old);
    }
  }

  spent(publicKey: string, unit: string, window: RateWindow, now: number): bigint {
    const [length] = WINDOWS[window];
    if (now < this.#filledAt + length) return 2n ** 64n - 1n;
    let sum = 0n;
    for (const [, amount] of this.#live(publicKey, unit, window, now)) sum += amount;
    return sum;
  }

  drainsTo(publicKey: string, unit: string, window: RateWindow, room: bigint, now: number): number | null {
    if (room < 0n) return null;
    const [length, bucket] = WINDOWS[window];
    const from = Math.max(now, this.#filledAt + length);
    let sum = this.spent(publicKey, unit, window, from);
    let when = from;
    for (const [index, amount] of this.#live(publicKey, unit, window, from)) {
      if (sum <= room) break;
      sum -= amount;
      when = Math.max(from, (index + 1) * bucket + length);
    }
    return when;
  }

  /** Oldest first: time never goes back, so neither do the keys of the map. */
  *#live(
    publicKey: string,
    unit: string,
    window: RateWindow,
    now: number,
  ): Generator<readonly [number, bigint]> {
    const buckets = this.#buckets.get(`${publicKey} ${window} ${unit}`);
    for (const entry of buckets ?? []) if (entry[0] >= oldest(window, now)) yield entry;
  }
}

/** The bucket that holds the far edge of the window. */
function oldest(window: RateWindow, now: number): number {
  const [length, bucket] = WINDOWS[window];
  return Math.floor((now - length) / bucket);
}
