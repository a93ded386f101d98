import { FULL_WINDOW } from '../../core/full-window.js';
import type { Counted } from '../../ledger/entries.js';
import type { Meters as PolicyMeters, Subject } from '../../policy/policy-state.js';
import type { RateWindow } from '../../policy/policy.js';
import { Buckets, drainsTo, SPANS, type Span } from './buckets.js';
import { Subjects } from './subjects.js';

/** What one account was sent, as it counts against limits per destination. Base units. */
export interface Payment {
  readonly unit: string;
  /** Base58. */
  readonly destination: string;
  readonly amount: bigint;
}

/** By window, in the order of `SPANS`. */
type ByWindow<Sum> = ReadonlyMap<RateWindow, Sum>;

function byWindow<Sum>(make: (span: Span) => Sum): ByWindow<Sum> {
  return new Map((Object.keys(SPANS) as RateWindow[]).map((window) => [window, make(SPANS[window])]));
}

/**
 * What each key has spent, and below it each workload and each account that received something, summed plainly from
 * buckets at every reading: slower than the daemon's running totals and written apart from them, so that the two
 * check each other.
 */
export class Meters implements PolicyMeters {
  readonly #keys = new Map<string, ByWindow<Buckets>>();
  readonly #subjects = new Map<string, ByWindow<Subjects>>();
  /** When a rollback was accepted: windows that reach back to it count as full. */
  #filledAt = Number.NEGATIVE_INFINITY;

  fill(time: number): void {
    this.#filledAt = time;
  }

  /** `time` in milliseconds; amounts in base units. */
  add(
    publicKey: string,
    workload: string,
    counted: readonly Counted[],
    payments: readonly Payment[],
    time: number,
  ): void {
    for (const { unit, amount } of counted) {
      const units = BigInt(amount);
      const sums = found(this.#keys, `${publicKey} ${unit}`, () => byWindow((span) => new Buckets(span)));
      for (const sum of sums.values()) sum.add(units, time);
      this.#addBy({ kind: 'workload', publicKey, workload }, unit, units, time);
    }
    for (const { unit, destination, amount } of payments) {
      this.#addBy({ kind: 'destination', publicKey, destination }, unit, amount, time);
    }
  }

  #addBy(subject: Subject, unit: string, amount: bigint, time: number): void {
    const make = (): ByWindow<Subjects> => byWindow((span) => new Subjects(span));
    const tables = found(this.#subjects, tableName(subject, unit), make);
    for (const table of tables.values()) table.add(nameOf(subject), amount, time);
  }

  spent(publicKey: string, unit: string, window: RateWindow, now: number): bigint {
    if (now < this.#emptyFrom(window)) return FULL_WINDOW;
    return this.#keys.get(`${publicKey} ${unit}`)?.get(window)?.sum(now) ?? 0n;
  }

  drainsTo(publicKey: string, unit: string, window: RateWindow, room: bigint, now: number): number | null {
    if (room < 0n) return null;
    const from = Math.max(now, this.#emptyFrom(window));
    const sum = this.#keys.get(`${publicKey} ${unit}`)?.get(window);
    return sum === undefined ? from : drainsTo(SPANS[window], [sum], room, from);
  }

  spentBy(subject: Subject, unit: string, window: RateWindow, now: number): bigint {
    if (now < this.#emptyFrom(window)) return FULL_WINDOW;
    return this.#tableOf(subject, unit, window)?.sum(nameOf(subject), now) ?? 0n;
  }

  drainsToBy(subject: Subject, unit: string, window: RateWindow, room: bigint, now: number): number | null {
    if (room < 0n) return null;
    const from = Math.max(now, this.#emptyFrom(window));
    return this.#tableOf(subject, unit, window)?.drainsTo(nameOf(subject), room, from) ?? from;
  }

  #tableOf(subject: Subject, unit: string, window: RateWindow): Subjects | undefined {
    return this.#subjects.get(tableName(subject, unit))?.get(window);
  }

  #emptyFrom(window: RateWindow): number {
    return this.#filledAt + SPANS[window].length;
  }
}

function tableName({ kind, publicKey }: Subject, unit: string): string {
  return `${kind} ${publicKey} ${unit}`;
}

function nameOf(subject: Subject): string {
  return subject.kind === 'workload' ? subject.workload : subject.destination;
}

function found<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
