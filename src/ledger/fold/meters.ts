import { WINDOWS, type WindowName } from '../state.js';
import { RollingSum, type Span } from './rolling-sum.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** At most 122 buckets a window: what is counted too much is at most one bucket, 1/60 to 1/120 of the window. */
export const SPANS: Readonly<Record<WindowName, Span>> = {
  '1m': { window: MINUTE, bucket: SECOND },
  '10m': { window: 10 * MINUTE, bucket: 10 * SECOND },
  '1h': { window: HOUR, bucket: MINUTE },
  '24h': { window: DAY, bucket: 15 * MINUTE },
  '7d': { window: 7 * DAY, bucket: 2 * HOUR },
  '30d': { window: 30 * DAY, bucket: 6 * HOUR },
};

type Meter = Readonly<Record<WindowName, RollingSum>>;

function emptyMeter(): Meter {
  return {
    '1m': new RollingSum(SPANS['1m']),
    '10m': new RollingSum(SPANS['10m']),
    '1h': new RollingSum(SPANS['1h']),
    '24h': new RollingSum(SPANS['24h']),
    '7d': new RollingSum(SPANS['7d']),
    '30d': new RollingSum(SPANS['30d']),
  };
}

/**
 * What each key has spent of each unit, in every window, whether a policy limits it or not: a change of policy
 * can then never reset a count. Amounts in base units.
 */
export class Meters {
  readonly #byKey = new Map<string, Map<string, Meter>>();

  add(publicKey: string, unit: string, amount: bigint, time: number): void {
    let units = this.#byKey.get(publicKey);
    if (units === undefined) this.#byKey.set(publicKey, (units = new Map<string, Meter>()));
    let meter = units.get(unit);
    if (meter === undefined) units.set(unit, (meter = emptyMeter()));
    for (const window of WINDOWS) meter[window].add(amount, time);
  }

  spent(publicKey: string, unit: string, window: WindowName, now: number): bigint {
    return this.#byKey.get(publicKey)?.get(unit)?.[window].at(now) ?? 0n;
  }

  drainsTo(publicKey: string, unit: string, window: WindowName, room: bigint, now: number): number | null {
    const meter = this.#byKey.get(publicKey)?.get(unit);
    if (meter === undefined) return room < 0n ? null : now;
    return meter[window].drainsTo(room, now);
  }
}
