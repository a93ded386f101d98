import { z } from 'zod';
import { SPANS } from './meters.js';
import { RollingSum, savedSum } from './rolling-sum.js';

const SPAN = SPANS['24h'];

export const savedUidBytes = z.strictObject({
  uids: z.array(z.tuple([z.int(), savedSum])),
  swept: z.int(),
});
export type SavedUidBytes = z.infer<typeof savedUidBytes>;

/** How much of the ledger each uid filled in the last 24 hours: bytes of lines its requests wrote. */
export class UidBytes {
  readonly #byUid = new Map<number, RollingSum>();
  #sweptSlot = 0;

  static restore(saved: SavedUidBytes): UidBytes {
    const bytes = new UidBytes();
    for (const [uid, sum] of saved.uids) bytes.#byUid.set(uid, RollingSum.restore(SPAN, sum));
    bytes.#sweptSlot = saved.swept;
    return bytes;
  }

  save(): SavedUidBytes {
    return { uids: [...this.#byUid].map(([uid, sum]) => [uid, sum.save()]), swept: this.#sweptSlot };
  }

  add(uid: number, bytes: number, time: number): void {
    this.#sweep(time);
    let sum = this.#byUid.get(uid);
    if (sum === undefined) this.#byUid.set(uid, (sum = new RollingSum(SPAN)));
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

  /** There are four billion uids. Once a bucket, by the entries' time alone (I4). */
  #sweep(time: number): void {
    const slot = Math.floor(time / SPAN.bucket);
    if (slot === this.#sweptSlot) return;
    this.#sweptSlot = slot;
    for (const [uid, sum] of this.#byUid) if (sum.drained(time)) this.#byUid.delete(uid);
  }
}
