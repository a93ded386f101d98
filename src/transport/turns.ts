/** What one uid has done in a turn of the event loop, whatever the number of its connections. */
const EACH_TURN = 2;

type Work = () => void;

/** Work that is put off to later turns of the event loop, a little of each uid's in each, in the order it came. */
export class Turns {
  readonly #byUid = new Map<number, Work[]>();
  #scheduled = false;

  later(uid: number, work: Work): void {
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
    for (const [uid, waiting] of [...this.#byUid]) {
      for (const work of waiting.splice(0, EACH_TURN)) work();
      if (waiting.length === 0) this.#byUid.delete(uid);
    }
    if (this.#byUid.size > 0) this.#schedule();
  }
}
