import { toAddress } from '../core/pubkey.js';
import type { KeyPolicy } from './policy.js';
import type { Meters } from './policy-state.js';
import { tallies, TRANSACTIONS_UNIT, type Request, type Tally } from './tally.js';
import type { LimitReport } from './verdict.js';

/** Every limit of a key, then every rate, in the order of the file. */
export function talliesOf(key: KeyPolicy, meters: Meters, now: number, request: Request): Tallies {
  const path = `keys.${key.id}`;
  const limits = key.limits.map((limit, index) => {
    const rule = `${path}.limits[${String(index)}]`;
    const { window, max, scope } = limit;
    return tallies({ rule, unit: limit.asset.name, window, max, scope }, key, meters, now, request);
  });
  const rates = key.rates.flatMap(({ max, window, scope }, index) => {
    const rule = key.rates.length === 1 ? `${path}.rate` : `${path}.rate[${String(index)}]`;
    return tallies(
      { rule, unit: TRANSACTIONS_UNIT, window, max: BigInt(max), scope },
      key,
      meters,
      now,
      request,
    );
  });
  return { limits, rates };
}

export interface Tallies {
  /** By the index of the limit in `key.limits`. */
  readonly limits: readonly (readonly Tally[])[];
  readonly rates: readonly Tally[];
}

/** The figures of a tally; with `counted`, as they will stand when the request is counted. */
export function limitReport(tally: Tally, requested: bigint, counted: boolean): LimitReport {
  const { rule, unit, window, max, destination, workload } = tally;
  const held = tally.spent ?? max;
  const spent = counted ? held + requested : held;
  const remaining = spent < max ? max - spent : 0n;
  return { rule, asset: unit, destination, workload, window, max, spent, requested, remaining };
}

const NOTHING: Request = { amounts: new Map(), payments: [], addressOf: toAddress, workload: null };

/**
 * Where every limit and rate of a key stands at `now` (ms), in base units, for `listKeys`. With a workload, its
 * own limits too.
 */
export function limitsOf(
  key: KeyPolicy,
  meters: Meters,
  now: number,
  workload: string | null = null,
): readonly LimitReport[] {
  const { limits, rates } = talliesOf(key, meters, now, { ...NOTHING, workload });
  return [...limits.flat(), ...rates].map((tally) => limitReport(tally, 0n, false));
}
