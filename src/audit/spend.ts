import type { AuthorizationBody } from '../ledger/entries.js';
import { loadPolicy } from './load-policy.js';
import { countedDebits } from './read/debits.js';
import { readEntries } from './read-entries.js';
import type { Progress } from './read/progress.js';
import type { LedgerFiles } from './read/segments.js';

export interface SpendOptions extends LedgerFiles {
  /** Length of the intervals in which spend is added up, in milliseconds. */
  readonly interval: number;
  readonly key?: string;
  readonly workload?: string;
  /** Milliseconds, `since` included, `until` excluded. */
  readonly since?: number;
  readonly until?: number;
  readonly progress?: (progress: Progress) => void;
}

/** What one key spent of one unit in each interval. Base units; fees and rent are in SOL too. */
export interface SpendSeries {
  readonly key: string;
  readonly unit: string;
  readonly total: bigint;
  /** By start of the interval, ms; intervals without spend are left out. */
  readonly intervals: ReadonlyMap<number, bigint>;
}

/** What one workload cost. Base units. */
export interface WorkloadCost {
  readonly workload: string;
  readonly transactions: number;
  /** Lamports. */
  readonly fees: bigint;
  /** Lamports of rent that instructions make the key pay. What CreateAccount gives away is spend. */
  readonly rent: bigint;
  /** The rest, by asset. */
  readonly spend: ReadonlyMap<string, bigint>;
}

export interface SpendReport {
  /** Milliseconds. */
  readonly interval: number;
  readonly series: readonly SpendSeries[];
  readonly costs: readonly WorkloadCost[];
  /** Of the assets that the policies of the ledger declare, by name. */
  readonly decimals: ReadonlyMap<string, number>;
}

/**
 * Adds up what authorizations counted: that is spend from the moment it stands, whatever the outcome. A repeat counts
 * nothing. Memory grows with keys, workloads and intervals, not with entries. Throws LEDGER_DAMAGED, LEDGER_MISSING,
 * FILE_UNREADABLE.
 */
export async function readSpend(options: SpendOptions): Promise<SpendReport> {
  const { directory, archives = [], interval, progress } = options;
  const spend = new Spend(interval);
  const decimals = new Map<string, number>();
  for await (const { entry, time } of readEntries({ directory, archives, progress })) {
    if (entry.type === 'authorization' && wanted(entry, time, options)) spend.add(entry, time);
    if (entry.type !== 'policy') continue;
    const policy = await loadPolicy(directory, entry.sha256);
    if ('kind' in policy) continue;
    for (const { name, decimals: places } of policy.assets.values()) decimals.set(name, places);
  }
  return { interval, series: spend.series(), costs: spend.costs(), decimals };
}

function wanted(entry: AuthorizationBody, time: number, options: SpendOptions): boolean {
  const { key, workload, since, until } = options;
  return (
    (key === undefined || entry.key === key) &&
    (workload === undefined || entry.workload === workload) &&
    (since === undefined || time >= since) &&
    (until === undefined || time < until)
  );
}

type Writable<Part> = { -readonly [Field in keyof Part]: Part[Field] };

class Spend {
  readonly #interval: number;
  readonly #series = new Map<string, Writable<SpendSeries> & { intervals: Map<number, bigint> }>();
  readonly #costs = new Map<string, Writable<WorkloadCost> & { spend: Map<string, bigint> }>();

  constructor(interval: number) {
    this.#interval = interval;
  }

  add(entry: AuthorizationBody, time: number): void {
    if (entry.repeats !== undefined) return;
    const counted = entry.counted.filter(({ unit }) => unit !== 'transactions');
    for (const { unit, amount } of counted) this.#addTo(entry.key, unit, BigInt(amount), time);
    this.#addCost(entry);
  }

  #addTo(key: string, unit: string, amount: bigint, time: number): void {
    const name = `${key}\n${unit}`;
    let series = this.#series.get(name);
    if (series === undefined) {
      this.#series.set(name, (series = { key, unit, total: 0n, intervals: new Map<number, bigint>() }));
    }
    const start = Math.floor(time / this.#interval) * this.#interval;
    series.total += amount;
    series.intervals.set(start, (series.intervals.get(start) ?? 0n) + amount);
  }

  #addCost({ workload, counted, effects }: AuthorizationBody): void {
    let cost = this.#costs.get(workload);
    if (cost === undefined) {
      const spend = new Map<string, bigint>();
      this.#costs.set(workload, (cost = { workload, transactions: 0, fees: 0n, rent: 0n, spend }));
    }
    const fee = BigInt(counted.find(({ unit }) => unit === 'fee')?.amount ?? 0);
    const rent = countedDebits(effects)
      .filter(({ asset, reason }) => asset === 'SOL' && reason === 'rent')
      .reduce((sum, { amount }) => sum + amount, 0n);
    cost.transactions += 1;
    cost.fees += fee;
    cost.rent += rent;
    for (const { unit, amount } of counted) {
      if (unit === 'fee' || unit === 'transactions') continue;
      const rest = BigInt(amount) - (unit === 'SOL' ? fee + rent : 0n);
      cost.spend.set(unit, (cost.spend.get(unit) ?? 0n) + rest);
    }
  }

  series(): readonly SpendSeries[] {
    return [...this.#series.values()].sort(
      (left, right) => compare(left.key, right.key) || compare(left.unit, right.unit),
    );
  }

  costs(): readonly WorkloadCost[] {
    return [...this.#costs.values()].sort((left, right) => compare(left.workload, right.workload));
  }
}

/** By code unit: the same on every machine. */
function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
