import { z } from 'zod';
import type { FreezeRecord } from '../state.js';

export const savedFreezes = z.array(
  z.strictObject({
    hash: z.string(),
    sequence: z.int(),
    publicKey: z.string().nullable(),
    reason: z.string(),
    time: z.int(),
  }),
);

/** Freezes that hold, oldest first. Each is lifted by itself: two operators may have two reasons. */
export class Freezes {
  readonly #byHash = new Map<string, FreezeRecord>();

  static restore(saved: readonly FreezeRecord[]): Freezes {
    const freezes = new Freezes();
    for (const record of saved) freezes.add(record);
    return freezes;
  }

  add(record: FreezeRecord): void {
    this.#byHash.set(record.hash, record);
  }

  lift(hash: string): void {
    this.#byHash.delete(hash);
  }

  /** The oldest that holds for this key, one for every key included. */
  find(publicKey: string): FreezeRecord | null {
    for (const record of this.#byHash.values()) {
      if (record.publicKey === null || record.publicKey === publicKey) return record;
    }
    return null;
  }

  all(): readonly FreezeRecord[] {
    return [...this.#byHash.values()];
  }
}
