import { SPANS } from './meters.js';
import { RollingSum } from './rolling-sum.js';

/** How much of the ledger each uid filled in the last 24 hours: bytes of lines its requests wrote. */
export class UidBytes {
  readonly #byUid = new Map<number, RollingSum>();

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
