import { randomInt } from 'node:crypto';
import type { HashLog } from './hash-log.js';

const FIRST_SLOTS = 128;
const EMPTY = -1;

/**
 * Where in a log a hash stands last. Open addressing, at most half full: 16 to 32 bytes a hash. Callers choose what
 * is hashed, and could choose hashes that all fall on one slot; where they fall depends on two secret numbers of this
 * process. Nothing that is answered or saved does.
 */
export class HashIndex {
  readonly #log: HashLog;
  readonly #factors = [randomFactor(), randomFactor()] as const;
  /** Indices in the log. */
  #slots = new Float64Array(FIRST_SLOTS).fill(EMPTY);
  #held = 0;

  constructor(log: HashLog) {
    this.#log = log;
    for (let index = log.first; index < log.next; index++) this.put(index);
  }

  /** The newest record with this hash; null when there is none. */
  find(hash: Uint8Array): number | null {
    const index = this.#slots[this.#slotOf(hash)] ?? EMPTY;
    return index === EMPTY ? null : index;
  }

  /** The record takes the place of an older one with the same hash. */
  put(index: number): void {
    if (2 * (this.#held + 1) > this.#slots.length) this.#grow();
    const slot = this.#slotOf(this.#log.hash(index));
    if (this.#slots[slot] === EMPTY) this.#held += 1;
    this.#slots[slot] = index;
  }

  /** Call before the record leaves the log; nothing when a younger one with the same hash took its place. */
  remove(index: number): void {
    let hole = this.#slotOf(this.#log.hash(index));
    if (this.#slots[hole] !== index) return;
    this.#held -= 1;
    // What was put behind it because its own place was taken moves up, so that no search ends at the hole.
    const mask = this.#slots.length - 1;
    for (let slot = (hole + 1) & mask; ; slot = (slot + 1) & mask) {
      const moving = this.#slots[slot] ?? EMPTY;
      if (moving === EMPTY) break;
      const home = this.#home(this.#log.hash(moving));
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      this.#slots[hole] = moving;
      hole = slot;
    }
    this.#slots[hole] = EMPTY;
  }

  /** The slot that holds the hash, or the empty one where it would go. */
  #slotOf(hash: Uint8Array): number {
    const mask = this.#slots.length - 1;
    for (let slot = this.#home(hash); ; slot = (slot + 1) & mask) {
      const index = this.#slots[slot] ?? EMPTY;
      if (index === EMPTY || this.#log.holds(hash, index)) return slot;
    }
  }

  #home(hash: Uint8Array): number {
    const mixed = Math.imul(word(hash, 0), this.#factors[0]) + Math.imul(word(hash, 4), this.#factors[1]);
    return (mixed >>> 0) >>> (Math.clz32(this.#slots.length) + 1);
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Float64Array(2 * old.length).fill(EMPTY);
    for (const index of old) if (index !== EMPTY) this.#slots[this.#slotOf(this.#log.hash(index))] = index;
  }
}

function randomFactor(): number {
  return randomInt(2 ** 31) * 2 + 1;
}

function word(hash: Uint8Array, at: number): number {
  return (
    ((hash[at] ?? 0) << 24) | ((hash[at + 1] ?? 0) << 16) | ((hash[at + 2] ?? 0) << 8) | (hash[at + 3] ?? 0)
  );
}
