import { formatTime } from '../../core/clock.js';
import type { Failure } from '../../core/errors.js';
import { TRANSACTIONS_UNIT, type Inquiry } from '../inquiry.js';

/** How many transactions were authorized in each rated window. A repeat is the same transaction again. */
export function rateRule({ key, state, now, path, repeats }: Inquiry): readonly Failure[] {
  if (repeats !== null) return [];
  const failures: Failure[] = [];
  key.rates.forEach(({ max, window }, index) => {
    const spent = state.spent(key.address, TRANSACTIONS_UNIT, window, now);
    if (spent + 1n <= BigInt(max)) return;
    const resets = state.drainsTo(key.address, TRANSACTIONS_UNIT, window, BigInt(max) - 1n, now);
    failures.push({
      code: 'RATE_LIMITED',
      message: `${spent.toString()} transactions were authorized in ${window}; at most ${String(max)} may be`,
      asset: TRANSACTIONS_UNIT,
      window,
      limit: String(max),
      spent: spent.toString(),
      requested: '1',
      ...(resets === null ? {} : { resetsAt: formatTime(resets) }),
      rule: key.rates.length === 1 ? `${path}.rate` : `${path}.rate[${String(index)}]`,
    });
  });
  return failures;
}
