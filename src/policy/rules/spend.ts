import { formatAmount } from '../../core/amount.js';
import { formatTime } from '../../core/clock.js';
import type { Failure } from '../../core/errors.js';
import type { Inquiry } from '../inquiry.js';
import type { SpendLimit } from '../policy.js';
import type { Tally } from '../tally.js';

/** Every limit of every asset, each for itself: per transaction, and what its window would hold. */
export function spendRule(inquiry: Inquiry): readonly Failure[] {
  return inquiry.key.limits.flatMap((limit, index) =>
    (inquiry.tallies.limits[index] ?? []).flatMap((tally) => tallyFailures(inquiry, limit, tally)),
  );
}

function tallyFailures({ repeats }: Inquiry, limit: SpendLimit, tally: Tally): readonly Failure[] {
  const { asset, window, max, perTransaction } = limit;
  const { requested, spent, rule, destination } = tally;
  // A limit that was lowered below what is spent already must not refuse what spends nothing more.
  if (requested === 0n) return [];
  const show = (amount: bigint): string => formatAmount(amount, asset.decimals, asset.name);
  const to = destination === null ? '' : ` to ${destination}`;
  const figures = {
    asset: asset.name,
    requested: requested.toString(),
    ...(destination === null ? {} : { destination }),
  };
  const failures: Failure[] = [];
  if (perTransaction !== null && requested > perTransaction) {
    failures.push({
      code: 'SPEND_LIMIT_EXCEEDED',
      message: `${show(requested)}${to} is above the ${show(perTransaction)} a transaction may take`,
      ...figures,
      limit: perTransaction.toString(),
      rule: `${rule}.perTransaction`,
    });
  }
  if (repeats !== null) return failures;
  if (spent === null) {
    failures.push({
      code: 'LEDGER_UNAVAILABLE',
      message: `the ledger keeps no meter for this limit, so nothing more may be spent under it`,
      ...figures,
      rule,
    });
  } else if (spent + requested > max) {
    const resets = tally.drainsTo(max - requested);
    const held = `of which ${show(spent)} is spent`;
    failures.push({
      code: 'SPEND_LIMIT_EXCEEDED',
      message: `${show(requested)} more${to} would pass the ${show(max)} allowed in ${window}, ${held}`,
      ...figures,
      window,
      limit: max.toString(),
      spent: spent.toString(),
      ...(resets === null ? {} : { resetsAt: formatTime(resets) }),
      rule,
    });
  }
  return failures;
}
