import { formatTime } from '../core/clock.js';
import { MOST_RECENT } from '../protocol/admin-methods.js';
import type { Signed } from '../signing/sign.js';

/** A signed transaction stays valid about 150 blocks: what a freeze cannot recall. Milliseconds. */
export const LANDING_MS = 5 * 60_000;

const KEEP = 10_000;

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
  #items: Recent[];

  /** Oldest first. */
  constructor(before: readonly Recent[] = []) {
    this.#items = before.slice(-KEEP);
  }

  add(signed: Signed, time: number): void {
    const { key } = signed.authorized.grant;
    const { signature, entry } = signed;
    this.#items.push({ time, publicKey: key.address, key: key.id, signature, sequence: entry.sequence });
    if (this.#items.length > 2 * KEEP) this.#items = this.#items.slice(-KEEP);
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
