import { TRANSACTIONS_UNIT } from './inquiry.js';
import type { KeyPolicy } from './policy.js';
import type { Meters } from './policy-state.js';
import type { LimitReport } from './verdict.js';

/**
 * Where every limit and rate of a key stands at `now` (ms), in the order of the file, in base units. `counting`
 * is what a request adds, by unit; it is in `spent` when `counted`, and only in `requested` when not.
 */
export function limitReports(
  key: KeyPolicy,
  state: Meters,
  now: number,
  counting: ReadonlyMap<string, bigint>,
  counted: boolean,
): readonly LimitReport[] {
  const report = (rule: string, asset: string, window: LimitReport['window'], max: bigint, held: bigint) => {
    const requested = counting.get(asset) ?? 0n;
    const spent = counted ? held + requested : held;
    return { rule, asset, window, max, spent, requested, remaining: spent < max ? max - spent : 0n };
  };
  const path = `keys.${key.id}`;
  const limits = key.limits.map(({ asset, window, max }, index) =>
    report(
      `${path}.limits[${String(index)}]`,
      asset.name,
      window,
      max,
      state.spent(key.address, asset.name, window, now),
    ),
  );
  const rates = key.rates.map(({ max, window }, index) =>
    report(
      key.rates.length === 1 ? `${path}.rate` : `${path}.rate[${String(index)}]`,
      TRANSACTIONS_UNIT,
      window,
      BigInt(max),
      state.spent(key.address, TRANSACTIONS_UNIT, window, now),
    ),
  );
  return [...limits, ...rates];
}

/** The same with nothing requested, for `listKeys`. */
export function limitsOf(key: KeyPolicy, state: Meters, now: number): readonly LimitReport[] {
  return limitReports(key, state, now, new Map(), false);
}
