import { hash } from 'node:crypto';
import { z } from 'zod';
import { HashIndex } from './hash-index.js';
import { HashLog } from './hash-log.js';

/** A blockhash lives about 150 blocks, a minute or so: after ten the same bytes cannot land as one transaction. */
const REMEMBERED_MS = 10 * 60_000;
const REMEMBERED_PER_KEY = 100_000;

export const savedRepeats = z.strictObject({
  /** By key: what was authorized (`subject`), sequences and times, as `HashLog` saves them. */
  keys: z.array(z.tuple([z.string(), z.string()])),
  swept: z.int(),
});
export type SavedRepeats = z.infer<typeof savedRepeats>;

/** What makes two requests of one key the same: who asked, what for, and the bytes. */
export interface Asked {
  readonly workload: string;
  readonly purpose: string;
  /** SHA-256 hex of the message. */
  readonly messageHash: string;
}

/** Authorizations of one key by workload, purpose and bytes, for ten minutes, the oldest forgotten first. */
export class Repeats {
  readonly #byKey = new Map<string, KeyRepeats>();
  #sweptSlot = 0;
  /** What is remembered was looked for a moment before. */
  #last: { readonly asked: Asked; readonly subject: Buffer } | null = null;

  /** Null when a table cannot be read. */
  static restore(saved: SavedRepeats): Repeats | null {
    const repeats = new Repeats();
    for (const [publicKey, text] of saved.keys) {
      const log = HashLog.restore(text);
      if (log === null || log.size > REMEMBERED_PER_KEY) return null;
      repeats.#byKey.set(publicKey, new KeyRepeats(log));
    }
    repeats.#sweptSlot = saved.swept;
    return repeats;
  }

  save(): SavedRepeats {
    return {
      keys: [...this.#byKey].map(([publicKey, ofKey]) => [publicKey, ofKey.save()]),
      swept: this.#sweptSlot,
    };
  }

  /** Counted authorizations only: a repeat must not prolong the memory of its original. */
  remember(publicKey: string, asked: Asked, sequence: number, time: number): void {
    this.#sweep(time);
    let repeats = this.#byKey.get(publicKey);
    if (repeats === undefined) this.#byKey.set(publicKey, (repeats = new KeyRepeats(new HashLog())));
    repeats.remember(this.#subjectOf(asked), sequence, time);
  }

  find(publicKey: string, asked: Asked, now: number): number | null {
    return this.#byKey.get(publicKey)?.find(this.#subjectOf(asked), now) ?? null;
  }

  #subjectOf(asked: Asked): Buffer {
    if (this.#last === null || !same(this.#last.asked, asked)) {
      this.#last = { asked, subject: subject(asked) };
    }
    return this.#last.subject;
  }

  /** The table of a key that is not used any more goes too. By the entries' time alone (I4). */
  #sweep(time: number): void {
    const slot = Math.floor(time / REMEMBERED_MS);
    if (slot === this.#sweptSlot) return;
    this.#sweptSlot = slot;
    for (const [publicKey, ofKey] of this.#byKey) if (ofKey.over(time)) this.#byKey.delete(publicKey);
  }
}

/**
 * SHA-256 over all of it, whole: whoever found two messages with one subject would have the second counted as
 * nothing. The message's hash has a fixed length and purposes have no space, so no two triples give the same bytes.
 */
function subject({ workload, purpose, messageHash }: Asked): Buffer {
  return hash('sha256', `${messageHash}${purpose} ${workload}`, 'buffer');
}

function same(one: Asked, other: Asked): boolean {
  return (
    one.messageHash === other.messageHash && one.workload === other.workload && one.purpose === other.purpose
  );
}

class KeyRepeats {
  readonly #log: HashLog;
  readonly #index: HashIndex;

  constructor(log: HashLog) {
    this.#log = log;
    this.#index = new HashIndex(log);
  }

  save(): string {
    return this.#log.save();
  }

  remember(subject: Uint8Array, sequence: number, time: number): void {
    while (this.#oldestIsOver(time) || this.#log.size >= REMEMBERED_PER_KEY) {
      this.#index.remove(this.#log.first);
      this.#log.dropOldest();
    }
    this.#index.put(this.#log.push(subject, sequence, time));
  }

  #oldestIsOver(now: number): boolean {
    return this.#log.size > 0 && now - this.#log.time(this.#log.first) > REMEMBERED_MS;
  }

  find(subject: Uint8Array, now: number): number | null {
    const index = this.#index.find(subject);
    if (index === null || now - this.#log.time(index) > REMEMBERED_MS) return null;
    return this.#log.count(index);
  }

  /** Whether nothing in it can be found any more, at `now` or later. */
  over(now: number): boolean {
    return this.#log.size === 0 || now - this.#log.time(this.#log.next - 1) > REMEMBERED_MS;
  }
}
