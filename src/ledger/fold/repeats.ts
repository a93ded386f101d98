import { z } from 'zod';

/** A blockhash lives about 150 blocks, a minute or so: after ten the same bytes cannot land as one transaction. */
const REMEMBERED_MS = 10 * 60_000;
const REMEMBERED_PER_KEY = 100_000;

/** By key, oldest first: what was authorized (`subject`), sequence, time. */
export const savedRepeats = z.array(
  z.tuple([z.string(), z.array(z.tuple([z.string(), z.int(), z.int()])).max(REMEMBERED_PER_KEY + 1)]),
);
export type SavedRepeats = z.infer<typeof savedRepeats>;

/** Authorizations of one key by workload, purpose and bytes, for ten minutes, the oldest forgotten first. */
export class Repeats {
  readonly #byKey = new Map<string, KeyRepeats>();

  static restore(saved: SavedRepeats): Repeats {
    const repeats = new Repeats();
    for (const [publicKey, slots] of saved) {
      const ofKey = new KeyRepeats();
      for (const [text, sequence, time] of slots) ofKey.restore({ subject: text, sequence, time });
      repeats.#byKey.set(publicKey, ofKey);
    }
    return repeats;
  }

  save(): SavedRepeats {
    return [...this.#byKey].map(([publicKey, ofKey]) => [publicKey, ofKey.save()]);
  }

  /** Counted authorizations only: a repeat must not prolong the memory of its original. */
  remember(
    publicKey: string,
    workload: string,
    purpose: string,
    messageHash: string,
    sequence: number,
    time: number,
  ): void {
    let repeats = this.#byKey.get(publicKey);
    if (repeats === undefined) this.#byKey.set(publicKey, (repeats = new KeyRepeats()));
    repeats.remember(subject(workload, purpose, messageHash), sequence, time);
  }

  find(
    publicKey: string,
    workload: string,
    purpose: string,
    messageHash: string,
    now: number,
  ): number | null {
    return this.#byKey.get(publicKey)?.find(subject(workload, purpose, messageHash), now) ?? null;
  }
}

/** The hash has a fixed length and purposes have no space, so no two triples share a text. */
function subject(workload: string, purpose: string, messageHash: string): string {
  return `${Buffer.from(messageHash, 'hex').toString('latin1')}${purpose} ${workload}`;
}

interface Slot {
  readonly subject: string;
  readonly sequence: number;
  readonly time: number;
}

class KeyRepeats {
  readonly #bySubject = new Map<string, Slot>();
  /** Oldest first from `#first` on. */
  #order: Slot[] = [];
  #first = 0;

  remember(subject: string, sequence: number, time: number): void {
    this.restore({ subject, sequence, time });
    this.#forget(time);
  }

  restore(slot: Slot): void {
    this.#bySubject.set(slot.subject, slot);
    this.#order.push(slot);
  }

  save(): [string, number, number][] {
    return this.#order.slice(this.#first).map(({ subject, sequence, time }) => [subject, sequence, time]);
  }

  find(subject: string, now: number): number | null {
    const slot = this.#bySubject.get(subject);
    return slot === undefined || now - slot.time > REMEMBERED_MS ? null : slot.sequence;
  }

  #forget(now: number): void {
    for (;;) {
      const oldest = this.#order[this.#first];
      if (oldest === undefined) break;
      const full = this.#order.length - this.#first > REMEMBERED_PER_KEY;
      if (!full && now - oldest.time <= REMEMBERED_MS) break;
      // The same bytes may have been authorized anew since: then a younger slot stands in the map.
      if (this.#bySubject.get(oldest.subject) === oldest) this.#bySubject.delete(oldest.subject);
      this.#first += 1;
    }
    if (this.#first > 1024 && this.#first * 2 > this.#order.length) {
      this.#order = this.#order.slice(this.#first);
      this.#first = 0;
    }
  }
}
