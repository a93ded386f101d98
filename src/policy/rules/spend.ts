import { formatAmount } from '../../core/amount.js';
import { formatTime } from '../../core/clock.js';
import type { Failure } from '../../core/errors.js';
import type { Inquiry } from '../inquiry.js';
import type { SpendLimit } from '../policy.js';

/** Every limit of every asset, each for itself: per transaction, and what its window would hold. */
export function spendRule(inquiry: Inquiry): readonly Failure[] {
  const { key, amounts, path } = inquiry;
  return key.limits.flatMap((limit, index) => {
    const requested = amounts.get(limit.asset.name) ?? 0n;
    // A limit that was lowered below what is spent already must not refuse what spends nothing more.
    if (requested === 0n) return [];
    return limitFailures(inquiry, limit, requested, `${path}.limits[${String(index)}]`);
  });
}

function limitFailures(
  { key, state, now, repeats }: Inquiry,
  limit: SpendLimit,
  requested: bigint,
  rule: string,
): readonly Failure[] {
  const { asset, window, max, perTransaction } = limit;
  const show = (amount: bigint): string => formatAmount(amount, asset.decimals, asset.name);
  const failures: Failure[] = [];
  if (perTransaction !== null && requested > perTransaction) {
    failures.push({
      code: 'SPEND_LIMIT_EXCEEDED',
      message: `${show(requested)} is above the ${show(perTransaction)} a transaction may take`,
      asset: asset.name,
      limit: perTransaction.toString(),
      requested: requested.toString(),
      rule: `${rule}.perTransaction`,
    });
  }
  if (repeats !== null) return failures;
  const spent = state.spent(key.address, asset.name, window, now);
  if (spent + requested > max) {
    const resets = state.drainsTo(key.address, asset.name, window, max - requested, now);
    failures.push({
      code: 'SPEND_LIMIT_EXCEEDED',
      message: `${show(requested)} more would pass the ${show(max)} allowed in ${window}, of which ${show(spent)} is spent`,
      asset: asset.name,
      window,
      limit: max.toString(),
      spent: spent.toString(),
      requested: requested.toString(),
      ...(resets === null ? {} : { resetsAt: formatTime(resets) }),
      rule,
    });
  }
  return failures;
}
