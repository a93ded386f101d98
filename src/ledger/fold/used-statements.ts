const KEPT_AFTER_EXPIRY_MS = 86_400_000;
const SWEEP_EVERY_MS = 3_600_000;

/**
 * Ids of statements that were consumed. One that expires is forgotten a day after: it can only be refused as
 * expired from then on, since the ledger's time never goes back. One without expiry is kept for ever.
 */
export class UsedStatements {
  readonly #expiryById = new Map<string, number>();
  #sweptSlot = 0;

  /** Times in milliseconds; `expiresAt` null when the statement never expires. */
  add(id: string, expiresAt: number | null, time: number): void {
    this.#expiryById.set(id, expiresAt ?? Number.POSITIVE_INFINITY);
    const slot = Math.floor(time / SWEEP_EVERY_MS);
    if (slot === this.#sweptSlot) return;
    this.#sweptSlot = slot;
    for (const [other, expiry] of this.#expiryById) {
      if (expiry + KEPT_AFTER_EXPIRY_MS <= time) this.#expiryById.delete(other);
    }
  }

  has(id: string): boolean {
    return this.#expiryById.has(id);
  }
}
