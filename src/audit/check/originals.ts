/** A repeat of the same bytes counts nothing for this long; milliseconds. */
const REMEMBERED_MS = 10 * 60_000;
const REMEMBERED_PER_KEY = 100_000;

export interface Original {
  readonly sequence: number;
  readonly time: number;
}

/** Authorizations that counted, by key and by what they were for, for as long as bytes can repeat them. */
export class Originals {
  readonly #byKey = new Map<string, Map<string, Original>>();

  remember(publicKey: string, subject: string, original: Original): void {
    let originals = this.#byKey.get(publicKey);
    if (originals === undefined) this.#byKey.set(publicKey, (originals = new Map<string, Original>()));
    // Put at the end again when the same bytes counted anew, so that the oldest stays first.
    originals.delete(subject);
    originals.set(subject, original);
    for (const [oldest, { time }] of originals) {
      if (originals.size <= REMEMBERED_PER_KEY && original.time - time <= REMEMBERED_MS) break;
      originals.delete(oldest);
    }
  }

  find(publicKey: string, subject: string, now: number): Original | null {
    const found = this.#byKey.get(publicKey)?.get(subject);
    return found === undefined || now - found.time > REMEMBERED_MS ? null : found;
  }
}
