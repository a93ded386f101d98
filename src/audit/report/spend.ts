import { formatAmount, SOL_DECIMALS } from '../../core/amount.js';
import { formatTime } from '../../core/clock.js';
import type { Step } from '../read/walk.js';
import { printable } from '../../core/printable.js';

/** What one key spent of one unit in each interval. Base units. */
export interface SpendSeries {
  readonly key: string;
  readonly unit: string;
  readonly total: bigint;
  /** By start of the interval, ms; intervals without spend are left out. */
  readonly intervals: ReadonlyMap<number, bigint>;
}

export interface WorkloadCost {
  readonly workload: string;
  readonly unit: string;
  readonly total: bigint;
  readonly transactions: number;
}

/** Adds up what authorizations counted: they are spend from the moment they stand, whatever their outcome. */
export class Spend {
  readonly #interval: number;
  readonly #series = new Map<
    string,
    { key: string; unit: string; total: bigint; intervals: Map<number, bigint> }
  >();
  readonly #costs = new Map<
    string,
    { workload: string; unit: string; total: bigint; transactions: number }
  >();

  /** `interval` in milliseconds. */
  constructor(interval: number) {
    this.#interval = interval;
  }

  add({ entry, time }: Step): void {
    if (entry.type !== 'authorization') return;
    const start = Math.floor(time / this.#interval) * this.#interval;
    for (const { unit, amount } of entry.counted) {
      if (unit === 'transactions') continue;
      const series = found(this.#series, `${entry.key}\n${unit}`, () => ({
        key: entry.key,
        unit,
        total: 0n,
        intervals: new Map<number, bigint>(),
      }));
      series.total += BigInt(amount);
      series.intervals.set(start, (series.intervals.get(start) ?? 0n) + BigInt(amount));
      const cost = found(this.#costs, `${entry.workload}\n${unit}`, () => ({
        workload: entry.workload,
        unit,
        total: 0n,
        transactions: 0,
      }));
      cost.total += BigInt(amount);
      cost.transactions += 1;
    }
  }

  /** By key and unit. */
  series(): readonly SpendSeries[] {
    return [...this.#series.values()];
  }

  costs(): readonly WorkloadCost[] {
    return [...this.#costs.values()];
  }
}

function found<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}

/** SOL and fees in SOL; other units in base units, as the ledger does not know their decimals. */
function amountText(unit: string, amount: bigint): string {
  if (unit === 'SOL' || unit === 'fee') return formatAmount(amount, SOL_DECIMALS, 'SOL');
  return `${amount.toString()} ${printable(unit)}`;
}

const BAR = 40;
const MAX_ROWS = 60;

/** A bar for each interval from the first with spend to the last, for a terminal. `interval` in milliseconds. */
export function spendPlot(series: SpendSeries, interval: number): string {
  const starts = [...series.intervals.keys()].sort((left, right) => left - right);
  const [first = 0] = starts;
  const last = starts.at(-1) ?? first;
  const most = [...series.intervals.values()].reduce((max, value) => (value > max ? value : max), 1n);
  const lines = [
    `${printable(series.key)} ${printable(series.unit)}: ${amountText(series.unit, series.total)}`,
  ];
  const from = Math.max(first, last - (MAX_ROWS - 1) * interval);
  if (from > first) lines.push(`  (the last ${String(MAX_ROWS)} intervals)`);
  for (let start = from; start <= last; start += interval) {
    const amount = series.intervals.get(start) ?? 0n;
    // A whole cell for anything above nothing: a small spend must not look like none.
    const cells = amount === 0n ? 0 : Math.max(1, Number((amount * BigInt(BAR)) / most));
    const bar = '█'.repeat(cells).padEnd(BAR);
    lines.push(
      `  ${formatTime(start).slice(0, 16)}Z ${bar} ${amount === 0n ? '' : amountText(series.unit, amount)}`.trimEnd(),
    );
  }
  return lines.join('\n');
}

/** Cost per workload, dearest first within each unit. */
export function costTable(costs: readonly WorkloadCost[]): string {
  const rows = [...costs].sort(
    (left, right) => left.unit.localeCompare(right.unit) || (left.total < right.total ? 1 : -1),
  );
  return rows
    .map(
      (row) =>
        `${printable(row.workload)}  ${printable(row.unit)}  ${amountText(row.unit, row.total)}  ${String(row.transactions)} transactions`,
    )
    .join('\n');
}
