import { FULL_WINDOW } from '../../core/full-window.js';
import { z } from 'zod';
import { WINDOWS, type Subject, type WindowName } from '../state.js';
import { MeterTable } from './meter-table.js';
import { RollingSum, savedSum, type Span } from './rolling-sum.js';
import { savedSubjects, SubjectSums } from './subject-sums.js';

/** Of each kind, for one key, unit and window. */
const SUBJECTS_PER_WINDOW = 4096;

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** At most 122 buckets a window: what is counted too much is at most one bucket, 1/60 to 1/120 of the window. */
export const SPANS: Readonly<Record<WindowName, Span>> = {
  '1m': { window: MINUTE, bucket: SECOND },
  '10m': { window: 10 * MINUTE, bucket: 10 * SECOND },
  '1h': { window: HOUR, bucket: MINUTE },
  '24h': { window: DAY, bucket: 15 * MINUTE },
  '7d': { window: 7 * DAY, bucket: 2 * HOUR },
  '30d': { window: 30 * DAY, bucket: 6 * HOUR },
};

const LONGEST: WindowName = '30d';

type PerWindow<Sum> = Readonly<Record<WindowName, Sum>>;

function perWindow<Sum>(make: (window: WindowName) => Sum): PerWindow<Sum> {
  return {
    '1m': make('1m'),
    '10m': make('10m'),
    '1h': make('1h'),
    '24h': make('24h'),
    '7d': make('7d'),
    '30d': make('30d'),
  };
}

const savedBelow = z.array(z.tuple([z.string(), z.strictObject(perWindow(() => savedSubjects))]));

export const savedMeters = z.strictObject({
  keys: z.array(z.tuple([z.string(), z.strictObject(perWindow(() => savedSum))])),
  workloads: savedBelow,
  destinations: savedBelow,
  filledAt: z.int().nullable(),
  swept: z.int(),
});
export type SavedMeters = z.infer<typeof savedMeters>;

/** By workload or by destination, below each key. */
type Below = MeterTable<PerWindow<SubjectSums>>;

/**
 * What each key has spent of each unit, in every window, whether a policy limits it or not: a change of policy
 * can then never reset a count. Below each key the same by workload and by destination. Amounts in base units.
 */
export class Meters {
  #keys: MeterTable<PerWindow<RollingSum>> = new MeterTable();
  #below: Readonly<Record<Subject['kind'], Below>> = {
    workload: new MeterTable(),
    destination: new MeterTable(),
  };
  #filledAt: number | null = null;
  #sweptSlot = 0;

  static restore(saved: SavedMeters): Meters {
    const meters = new Meters();
    meters.#keys = MeterTable.restore(
      saved.keys.map(([name, sums]) => [
        name,
        perWindow((window) => RollingSum.restore(SPANS[window], sums[window])),
      ]),
    );
    meters.#below = {
      workload: restoreBelow(saved.workloads),
      destination: restoreBelow(saved.destinations),
    };
    meters.#filledAt = saved.filledAt;
    meters.#sweptSlot = saved.swept;
    return meters;
  }

  save(): SavedMeters {
    return {
      keys: [...this.#keys.entries()].map(([name, sums]) => [
        name,
        perWindow((window) => sums[window].save()),
      ]),
      workloads: saveBelow(this.#below.workload),
      destinations: saveBelow(this.#below.destination),
      filledAt: this.#filledAt,
      swept: this.#sweptSlot,
    };
  }

  /** From now on every window, of every key and below it, known or not, is full until it has passed. */
  fill(time: number): void {
    this.#filledAt = time;
  }

  /** When the window stops being full because it was filled; null when it is not. */
  #fullUntil(window: WindowName, now: number): number | null {
    if (this.#filledAt === null) return null;
    const until = this.#filledAt + SPANS[window].window;
    return now < until ? until : null;
  }

  add(publicKey: string, unit: string, amount: bigint, time: number): void {
    this.#sweep(time);
    const sums = this.#keys.take(publicKey, unit, () => perWindow((window) => new RollingSum(SPANS[window])));
    for (const window of WINDOWS) sums[window].add(amount, time);
  }

  addBy(subject: Subject, unit: string, amount: bigint, time: number): void {
    const sums = this.#below[subject.kind].take(subject.publicKey, unit, () =>
      perWindow((window) => new SubjectSums(SPANS[window], SUBJECTS_PER_WINDOW)),
    );
    for (const window of WINDOWS) sums[window].add(below(subject), amount, time);
  }

  /**
   * Once a bucket of the longest window: a key, unit or asset that was not used for so long says nothing any more in
   * any window, and must not be remembered for ever. By the entries' time alone (I4).
   */
  #sweep(time: number): void {
    const slot = Math.floor(time / SPANS[LONGEST].bucket);
    if (slot === this.#sweptSlot) return;
    this.#sweptSlot = slot;
    for (const table of [this.#keys, this.#below.workload, this.#below.destination]) {
      table.sweep((sums) => sums[LONGEST].drained(time));
    }
  }

  spent(publicKey: string, unit: string, window: WindowName, now: number): bigint {
    if (this.#fullUntil(window, now) !== null) return FULL_WINDOW;
    return this.#keys.get(publicKey, unit)?.[window].at(now) ?? 0n;
  }

  drainsTo(publicKey: string, unit: string, window: WindowName, room: bigint, now: number): number | null {
    if (room < 0n) return null;
    const from = this.#fullUntil(window, now) ?? now;
    return this.#keys.get(publicKey, unit)?.[window].drainsTo(room, from) ?? from;
  }

  spentBy(subject: Subject, unit: string, window: WindowName, now: number): bigint {
    if (this.#fullUntil(window, now) !== null) return FULL_WINDOW;
    return this.#sumsBy(subject, unit)?.[window].at(below(subject), now) ?? 0n;
  }

  drainsToBy(subject: Subject, unit: string, window: WindowName, room: bigint, now: number): number | null {
    if (room < 0n) return null;
    const from = this.#fullUntil(window, now) ?? now;
    return this.#sumsBy(subject, unit)?.[window].drainsTo(below(subject), room, from) ?? from;
  }

  #sumsBy(subject: Subject, unit: string): PerWindow<SubjectSums> | undefined {
    return this.#below[subject.kind].get(subject.publicKey, unit);
  }
}

function restoreBelow(saved: z.infer<typeof savedBelow>): Below {
  return MeterTable.restore(
    saved.map(([name, sums]) => [
      name,
      perWindow((window) => SubjectSums.restore(SPANS[window], SUBJECTS_PER_WINDOW, sums[window])),
    ]),
  );
}

function saveBelow(table: Below): z.infer<typeof savedBelow> {
  return [...table.entries()].map(([name, sums]) => [name, perWindow((window) => sums[window].save())]);
}

function below(subject: Subject): string {
  return subject.kind === 'workload' ? subject.workload : subject.destination;
}
