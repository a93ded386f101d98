import { Buckets, drainsTo, type Span } from './buckets.js';

/** Of each kind, for one key, unit and window: part of the ledger's format, since it decides what is refused. */
const WITH_OWN_SUM = 4096;

/**
 * What workloads, or accounts, hold of one window of a key, as the ledger's format says: so many have a sum of their
 * own, one that is empty makes room once a bucket, and what all others add stands in one sum that is in every answer.
 */
export class Subjects {
  readonly #span: Span;
  readonly #own = new Map<string, Buckets>();
  #shared: Buckets | null = null;
  #cleared = -1;

  constructor(span: Span) {
    this.#span = span;
  }

  add(subject: string, amount: bigint, time: number): void {
    if (amount === 0n) return;
    this.#makeRoom(time);
    let sum = this.#own.get(subject);
    if (sum === undefined && this.#own.size < WITH_OWN_SUM) {
      this.#own.set(subject, (sum = new Buckets(this.#span)));
    }
    (sum ?? (this.#shared ??= new Buckets(this.#span))).add(amount, time);
  }

  sum(subject: string, now: number): bigint {
    return this.#of(subject).reduce((sum, buckets) => sum + buckets.sum(now), 0n);
  }

  drainsTo(subject: string, room: bigint, now: number): number {
    return drainsTo(this.#span, this.#of(subject), room, now);
  }

  #of(subject: string): Buckets[] {
    return [this.#own.get(subject), this.#shared].filter((sum) => sum !== undefined && sum !== null);
  }

  #makeRoom(time: number): void {
    const bucket = Math.floor(time / this.#span.bucket);
    if (bucket === this.#cleared) return;
    this.#cleared = bucket;
    for (const [subject, sum] of this.#own) if (sum.live(time).length === 0) this.#own.delete(subject);
    if (this.#shared?.live(time).length === 0) this.#shared = null;
  }
}
