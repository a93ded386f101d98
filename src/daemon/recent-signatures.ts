import type { MadeSignature } from '../core/made-signature.js';
import { LANDING_MS, MOST_RECENT } from '../protocol/admin-methods.js';
import { wireMayLand } from '../protocol/may-land.js';

/** Below it nothing is looked for that can be forgotten. */
const FEW = 20_000;

/**
 * What was signed lately and may still land: shown to the operator who freezes. A view for people; nothing depends on it
 * and the ledger has it all, from which a process takes what was signed before it began.
 */
export class RecentSignatures {
  #items: MadeSignature[] = [];
  #tidyAt = FEW;

  /** Oldest first. */
  add(one: MadeSignature): void {
    this.#items.push(one);
    if (this.#items.length < this.#tidyAt) return;
    this.#items = thatMayLand(this.#items, one.time);
    this.#tidyAt = Math.max(FEW, 2 * this.#items.length);
  }

  /** Since `time` (ms), as `wireMayLand` has them. */
  since(time: number, publicKey: string | null): ReturnType<typeof wireMayLand> {
    return wireMayLand(
      this.#items.filter((item) => item.time >= time),
      publicKey,
    );
  }
}

/** As many of each key as are ever shown: one that signs much must not push out what another signed. */
function thatMayLand(items: readonly MadeSignature[], now: number): MadeSignature[] {
  const counts = new Map<string, number>();
  const kept = items.toReversed().filter(({ time, publicKey }) => {
    const count = counts.get(publicKey) ?? 0;
    counts.set(publicKey, count + 1);
    return count < MOST_RECENT && time >= now - LANDING_MS;
  });
  return kept.reverse();
}
