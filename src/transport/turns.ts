/** What one uid sent that is parsed as it comes, before a turn for what was put off. Bytes; 50 usual requests. */
const AT_ONCE_BYTES = 32 * 1024;
/** What is parsed in a turn of the event loop of what one uid sent and was put off. Bytes; the last piece may pass it. */
const EACH_TURN_BYTES = 16 * 1024;

/** Answers how many bytes it was. */
type Work = () => number;

/** The turns of one uid, whatever the number of its connections. */
export interface UidTurns {
  /** Whether so many bytes may be parsed now; then they are counted. What may not belongs to `later`. */
  atOnce(bytes: number): boolean;
  later(work: Work): void;
}

/** Work that is put off to later turns of the event loop, a little of each uid's in each, in the order it came. */
export class Turns {
  /** Bytes, since the last turn. */
  readonly #atOnce = new Map<number, number>();
  readonly #byUid = new Map<number, Work[]>();
  #scheduled = false;

  of(uid: number): UidTurns {
    return {
      atOnce: (bytes) => {
        const spent = (this.#atOnce.get(uid) ?? 0) + bytes;
        if (spent > AT_ONCE_BYTES) return false;
        this.#atOnce.set(uid, spent);
        return true;
      },
      later: (work) => {
        this.#later(uid, work);
      },
    };
  }

  #later(uid: number, work: Work): void {
    const waiting = this.#byUid.get(uid);
    if (waiting === undefined) this.#byUid.set(uid, [work]);
    else waiting.push(work);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#turn();
    });
  }

  #turn(): void {
    this.#atOnce.clear();
    for (const [uid, waiting] of [...this.#byUid]) {
      // What is put off again meanwhile comes in the next turn.
      let left = waiting.length;
      for (let bytes = 0; bytes < EACH_TURN_BYTES && left > 0; left--) bytes += waiting.shift()?.() ?? 0;
      if (waiting.length === 0) this.#byUid.delete(uid);
    }
    if (this.#byUid.size > 0) this.#schedule();
  }
}
