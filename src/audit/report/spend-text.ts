import { formatAmount, formatSol, SOL_DECIMALS } from '../../core/amount.js';
import { formatTime } from '../../core/clock.js';
import { printable } from '../../core/printable.js';
import type { SpendReport, SpendSeries, WorkloadCost } from '../spend.js';

const BAR = 40;
const MAX_ROWS = 60;

type Decimals = SpendReport['decimals'];

/** Spend of each key and unit over time as bars, and what each workload cost; without a final line feed. */
export function spendText({ series, costs, interval, decimals }: SpendReport): string {
  if (series.length === 0) return 'nothing was spent';
  return [
    ...series.map((one) => spendPlot(one, interval, decimals)),
    costs.map((cost) => costText(cost, decimals)).join('\n'),
  ].join('\n\n');
}

/** The same for programs: amounts as decimal text in base units, times RFC 3339. */
export function spendJson({ series, costs, interval, decimals }: SpendReport): unknown {
  return {
    intervalSeconds: interval / 1000,
    decimals: Object.fromEntries([['SOL', SOL_DECIMALS], ['fee', SOL_DECIMALS], ...decimals]),
    series: series.map(({ key, unit, total, intervals }) => ({
      key,
      unit,
      total: total.toString(),
      intervals: [...intervals].map(([start, amount]) => ({
        start: formatTime(start),
        amount: amount.toString(),
      })),
    })),
    workloads: costs.map(({ workload, transactions, fees, rent, spend }) => ({
      workload,
      transactions,
      fees: fees.toString(),
      rent: rent.toString(),
      spend: Object.fromEntries([...spend].map(([unit, amount]) => [unit, amount.toString()])),
    })),
  };
}

/** A bar for each interval from the first with spend to the last, at most sixty. `interval` in milliseconds. */
function spendPlot(
  { key, unit, total, intervals }: SpendSeries,
  interval: number,
  decimals: Decimals,
): string {
  const starts = [...intervals.keys()];
  const first = starts.reduce((least, start) => Math.min(least, start));
  const last = starts.reduce((greatest, start) => Math.max(greatest, start));
  const most = [...intervals.values()].reduce((max, value) => (value > max ? value : max), 1n);
  const lines = [`${printable(key)} ${printable(unit)}: ${amountText(unit, total, decimals)}`];
  const from = Math.max(first, last - (MAX_ROWS - 1) * interval);
  if (from > first) lines.push(`  (the last ${String(MAX_ROWS)} intervals)`);
  for (let start = from; start <= last; start += interval) {
    const amount = intervals.get(start) ?? 0n;
    // A whole cell for anything above nothing: a small spend must not look like none.
    const cells = amount === 0n ? 0 : Math.max(1, Number((amount * BigInt(BAR)) / most));
    const bar = '█'.repeat(cells).padEnd(BAR);
    const text = amount === 0n ? '' : amountText(unit, amount, decimals);
    lines.push(`  ${formatTime(start).slice(0, 16)}Z ${bar} ${text}`.trimEnd());
  }
  return lines.join('\n');
}

function costText({ workload, transactions, fees, rent, spend }: WorkloadCost, decimals: Decimals): string {
  return [
    `${printable(workload)}: ${String(transactions)} transactions`,
    `  fees   ${amountText('fee', fees, decimals)}`,
    `  rent   ${amountText('SOL', rent, decimals)}`,
    ...[...spend].map(([unit, amount]) => `  spend  ${amountText(unit, amount, decimals)}`),
  ].join('\n');
}

/** In base units where no policy says how many decimals an asset has. */
function amountText(unit: string, amount: bigint, decimals: Decimals): string {
  if (unit === 'SOL' || unit === 'fee') return formatSol(amount);
  const places = decimals.get(unit);
  return places === undefined
    ? `${amount.toString()} ${printable(unit)} (base units)`
    : formatAmount(amount, places, printable(unit));
}
