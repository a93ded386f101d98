const HOUR_MS = 3_600_000;

/**
 * What has expired is remembered for a day. With the first call of each hour those whose day is over go, as the signer
 * does it: when is part of the ledger's format, and a verifier that remembers longer or shorter judges differently.
 */
export class ExpiredSweep {
  #hour = 0;

  /** `expiresAt` of what is remembered, and `now`, in milliseconds. */
  sweep<Value>(remembered: Map<string, Value>, now: number, expiresAt: (value: Value) => number): void {
    const hour = Math.floor(now / HOUR_MS);
    if (hour === this.#hour) return;
    this.#hour = hour;
    for (const [id, value] of remembered) {
      if (expiresAt(value) + 24 * HOUR_MS <= now) remembered.delete(id);
    }
  }
}
