import type { FreezeRecord } from '../state.js';

/** Freezes that hold, oldest first. Each is lifted by itself: two operators may have two reasons. */
export class Freezes {
  readonly #byHash = new Map<string, FreezeRecord>();

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
