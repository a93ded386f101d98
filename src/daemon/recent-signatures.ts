import { formatTime } from '../core/clock.js';
import { LANDING_MS, MOST_RECENT } from '../protocol/admin-methods.js';

/** Below it nothing is looked for that can be forgotten. */
const FEW = 20_000;

export interface Recent {
  readonly time: number;
  readonly publicKey: string;
  readonly key: string;
  readonly signature: string;
  readonly sequence: number;
}

/** One signature that may still land on chain. */
export interface MayLand {
  readonly key: string;
  readonly signature: string;
  readonly time: string;
  readonly sequence: string;
}

/**
 * What was signed lately and may still land: shown to the operator who freezes. A view for people; nothing depends on it
 * and the ledger has it all, from which a process takes what was signed before it began.
 */
export class RecentSignatures {
  #items: Recent[] = [];
  #tidyAt = FEW;

  /** Oldest first. */
  add(one: Recent): void {
    this.#items.push(one);
    if (this.#items.length < this.#tidyAt) return;
    this.#items = thatMayLand(this.#items, one.time);
    this.#tidyAt = Math.max(FEW, 2 * this.#items.length);
  }

  /** The newest since `time` (ms) of one key, or of all with null; newest first. */
  since(time: number, publicKey: string | null): MayLand[] {
    return this.#items
      .filter((item) => item.time >= time && (publicKey === null || item.publicKey === publicKey))
      .slice(-MOST_RECENT)
      .reverse()
      .map((item) => ({
        key: item.key,
        signature: item.signature,
        time: formatTime(item.time),
        sequence: String(item.sequence),
      }));
  }
}

/** As many of each key as are ever shown: one that signs much must not push out what another signed. */
function thatMayLand(items: readonly Recent[], now: number): Recent[] {
  const counts = new Map<string, number>();
  const kept = items.toReversed().filter(({ time, publicKey }) => {
    const count = counts.get(publicKey) ?? 0;
    counts.set(publicKey, count + 1);
    return count < MOST_RECENT && time >= now - LANDING_MS;
  });
  return kept.reverse();
}
