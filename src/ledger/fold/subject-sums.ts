import { z } from 'zod';
import { RollingSum, savedSum, type Span } from './rolling-sum.js';

export const savedSubjects = z.strictObject({
  own: z.array(z.tuple([z.string(), savedSum])),
  shared: savedSum.nullable(),
  swept: z.int(),
});
export type SavedSubjects = z.infer<typeof savedSubjects>;

/**
 * Rolling sums of one window by subject, in bounded memory: a workload that pays ever new accounts must not fill
 * it. At most `most` subjects have a sum of their own; what any other adds goes into one shared sum, which is part
 * of every answer, also of those with a sum of their own: they may have been without one before. So an answer is
 * too large while the shared sum holds something, never too small.
 */
export class SubjectSums {
  readonly #span: Span;
  readonly #most: number;
  readonly #own = new Map<string, RollingSum>();
  #shared: RollingSum | null = null;
  #sweptSlot = -1;

  constructor(span: Span, most: number) {
    this.#span = span;
    this.#most = most;
  }

  static restore(span: Span, most: number, saved: SavedSubjects): SubjectSums {
    const sums = new SubjectSums(span, most);
    for (const [subject, sum] of saved.own) sums.#own.set(subject, RollingSum.restore(span, sum));
    sums.#shared = saved.shared === null ? null : RollingSum.restore(span, saved.shared);
    sums.#sweptSlot = saved.swept;
    return sums;
  }

  save(): SavedSubjects {
    return {
      own: [...this.#own].map(([subject, sum]) => [subject, sum.save()]),
      shared: this.#shared?.save() ?? null,
      swept: this.#sweptSlot,
    };
  }

  /** `time` never goes back. */
  add(subject: string, amount: bigint, time: number): void {
    if (amount === 0n) return;
    this.#sweep(time);
    this.#sumFor(subject).add(amount, time);
  }

  #sumFor(subject: string): RollingSum {
    const own = this.#own.get(subject);
    if (own !== undefined) return own;
    if (this.#own.size >= this.#most) return (this.#shared ??= new RollingSum(this.#span));
    const sum = new RollingSum(this.#span);
    this.#own.set(subject, sum);
    return sum;
  }

  at(subject: string, now: number): bigint {
    return (this.#own.get(subject)?.at(now) ?? 0n) + (this.#shared?.at(now) ?? 0n);
  }

  /** The earliest time from `now` on at which `at` is at most `room`; null when `room` is negative. */
  drainsTo(subject: string, room: bigint, now: number): number | null {
    const own = this.#own.get(subject) ?? null;
    const sum = own ?? this.#shared;
    if (sum === null) return room < 0n ? null : now;
    return sum.drainsTo(room, now, own === null ? null : this.#shared);
  }

  /** Whether nothing in it can lie in the window any more, at `now` or later. */
  drained(now: number): boolean {
    for (const sum of this.#own.values()) if (!sum.drained(now)) return false;
    return this.#shared?.drained(now) ?? true;
  }

  /** Once a bucket, since only then anything drains. By the entries' time alone (I4). */
  #sweep(time: number): void {
    const slot = Math.floor(time / this.#span.bucket);
    if (slot === this.#sweptSlot) return;
    this.#sweptSlot = slot;
    for (const [subject, sum] of this.#own) if (sum.drained(time)) this.#own.delete(subject);
    if (this.#shared?.drained(time) === true) this.#shared = null;
  }
}
