/**
 * How fast each uid may go on with something that costs the daemon and gains nobody: `perSecond` of it, `burst` at
 * once. What is beyond waits; nothing is refused, so that a caller that erred for a moment loses no more than time.
 *
 * A clock for each uid says when all it did is paid (the generic cell rate algorithm): one number, no timer.
 */
export class Pace {
  readonly #msEach: number;
  readonly #burstMs: number;
  readonly #mostMs: number;
  readonly #paidAt = new Map<number, number>();

  /** `mostMs`: no wait is longer. */
  constructor(perSecond: number, burst: number, mostMs: number) {
    this.#msEach = 1000 / perSecond;
    this.#burstMs = burst * this.#msEach;
    this.#mostMs = mostMs;
  }

  /** Whether uid may do so much at `now` without waiting. */
  allows(uid: number, amount: number, now: number): boolean {
    return Math.max((this.#paidAt.get(uid) ?? 0) - now, 0) + amount * this.#msEach <= this.#burstMs;
  }

  /**
   * Whole milliseconds that uid must wait after doing so much at `now` (milliseconds of any clock that does not go
   * back). A negative amount gives back. Less than one is none: sums of fractions miss zero by a hair, and the rest
   * stays on its account.
   */
  spend(uid: number, amount: number, now: number): number {
    // Whoever has paid everything is as one never seen.
    if (this.#paidAt.size > 64)
      for (const [other, at] of this.#paidAt) if (at <= now) this.#paidAt.delete(other);
    // A debt beyond the longest wait is forgiven: who pays for an hour after one bad minute calls an operator.
    const most = now + this.#burstMs + this.#mostMs;
    const paidAt = Math.min(Math.max(this.#paidAt.get(uid) ?? 0, now) + amount * this.#msEach, most);
    this.#paidAt.set(uid, paidAt);
    return Math.max(0, Math.floor(paidAt - now - this.#burstMs));
  }
}
