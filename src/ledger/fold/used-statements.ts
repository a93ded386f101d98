import { z } from 'zod';

const KEPT_AFTER_EXPIRY_MS = 86_400_000;
const SWEEP_EVERY_MS = 3_600_000;

export const savedStatements = z.strictObject({
  /** Id and expiry; null when it never expires. */
  ids: z.array(z.tuple([z.string(), z.int().nullable()])),
  swept: z.int(),
});
export type SavedStatements = z.infer<typeof savedStatements>;

/**
 * Ids of statements that were consumed. One that expires is forgotten a day after: it can only be refused as
 * expired from then on, since the ledger's time never goes back. One without expiry is kept for ever.
 */
export class UsedStatements {
  readonly #expiryById = new Map<string, number>();
  #sweptSlot = 0;

  static restore(saved: SavedStatements): UsedStatements {
    const statements = new UsedStatements();
    for (const [id, expiry] of saved.ids) {
      statements.#expiryById.set(id, expiry ?? Number.POSITIVE_INFINITY);
    }
    statements.#sweptSlot = saved.swept;
    return statements;
  }

  save(): SavedStatements {
    const ids = [...this.#expiryById].map(([id, expiry]): [string, number | null] => [
      id,
      Number.isFinite(expiry) ? expiry : null,
    ]);
    return { ids, swept: this.#sweptSlot };
  }

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
