import { formatTime } from '../../core/clock.js';
import type { Failure } from '../../core/errors.js';
import type { Inquiry } from '../inquiry.js';

/** How many transactions were authorized in each rated window. A repeat is the same transaction again. */
export function rateRule({ tallies, repeats }: Inquiry): readonly Failure[] {
  if (repeats !== null) return [];
  const failures: Failure[] = [];
  for (const { rule, unit, window, max, spent, requested, drainsTo } of tallies.rates) {
    if (spent !== null && spent + requested <= max) continue;
    const resets = spent === null ? null : drainsTo(max - requested);
    failures.push({
      code: spent === null ? 'LEDGER_UNAVAILABLE' : 'RATE_LIMITED',
      message:
        spent === null
          ? 'the ledger keeps no meter for this rate'
          : `${spent.toString()} transactions were authorized in ${window}; at most ${max.toString()} may be`,
      asset: unit,
      window,
      limit: max.toString(),
      ...(spent === null ? {} : { spent: spent.toString() }),
      requested: requested.toString(),
      ...(resets === null ? {} : { resetsAt: formatTime(resets) }),
      rule,
    });
  }
  return failures;
}
