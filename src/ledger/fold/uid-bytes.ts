import { z } from 'zod';
import { SPANS } from './meters.js';
import { RollingSum, savedSum } from './rolling-sum.js';

export const savedUidBytes = z.array(z.tuple([z.int(), savedSum]));
export type SavedUidBytes = z.infer<typeof savedUidBytes>;

/** How much of the ledger each uid filled in the last 24 hours: bytes of lines its requests wrote. */
export class UidBytes {
  readonly #byUid = new Map<number, RollingSum>();

  static restore(saved: SavedUidBytes): UidBytes {
    const bytes = new UidBytes();
    for (const [uid, sum] of saved) bytes.#byUid.set(uid, RollingSum.restore(SPANS['24h'], sum));
    return bytes;
  }

  save(): SavedUidBytes {
    return [...this.#byUid].map(([uid, sum]) => [uid, sum.save()]);
  }

  add(uid: number, bytes: number, time: number): void {
    let sum = this.#byUid.get(uid);
    if (sum === undefined) this.#byUid.set(uid, (sum = new RollingSum(SPANS['24h'])));
    sum.add(BigInt(bytes), time);
  }

  held(uid: number, now: number): number {
    return Number(this.#byUid.get(uid)?.at(now) ?? 0n);
  }

  drainsTo(uid: number, room: number, now: number): number | null {
    const sum = this.#byUid.get(uid);
    if (sum === undefined) return room < 0 ? null : now;
    return sum.drainsTo(BigInt(room), now);
  }
}
