/**
 * Requests that wait for a token: high before normal, and among equals one of each key and workload in turn, so that a
 * key with a thousand requests does not hold up a key with one, nor a workload another that shares its key. Of one key
 * and workload, first come first served.
 */
export class SignQueue<Item extends Waiting> {
  readonly #high = new Turns<Item>();
  readonly #normal = new Turns<Item>();

  get size(): number {
    return this.#high.size + this.#normal.size;
  }

  add(item: Item): void {
    (item.priority === 'high' ? this.#high : this.#normal).add(item);
  }

  /** The next to be served, or null. */
  take(): Item | null {
    return this.#high.take() ?? this.#normal.take();
  }

  /** Takes out everything that came before `time` (the clock of `since`). */
  takeBefore(time: number): Item[] {
    return [...this.#high.takeBefore(time), ...this.#normal.takeBefore(time)];
  }
}

export interface Waiting {
  readonly key: string;
  readonly workload?: string | undefined;
  readonly priority: 'normal' | 'high';
  /** When it came, in milliseconds of a monotonic clock; never smaller than that of an earlier item. */
  readonly since: number;
}

/** A map in the order of turns: a line that was served goes to the end, one without requests is forgotten. */
class Turns<Item extends Waiting> {
  readonly #lines = new Map<string, Fifo<Item>>();
  size = 0;

  add(item: Item): void {
    const line = `${item.key} ${item.workload ?? ''}`;
    const fifo = this.#lines.get(line);
    if (fifo === undefined) this.#lines.set(line, new Fifo(item));
    else fifo.push(item);
    this.size += 1;
  }

  take(): Item | null {
    for (const [line, fifo] of this.#lines) {
      const item = fifo.shift();
      this.#lines.delete(line);
      if (fifo.length > 0) this.#lines.set(line, fifo);
      if (item === undefined) continue;
      this.size -= 1;
      return item;
    }
    return null;
  }

  takeBefore(time: number): Item[] {
    const taken: Item[] = [];
    for (const [line, fifo] of this.#lines) {
      for (let head = fifo.first; head !== undefined && head.since < time; head = fifo.first) {
        taken.push(head);
        fifo.shift();
      }
      if (fifo.length === 0) this.#lines.delete(line);
    }
    this.size -= taken.length;
    return taken;
  }
}

/** Array.shift moves every element; this moves them once per 64 served. */
class Fifo<Item> {
  #items: (Item | undefined)[];
  #head = 0;

  constructor(first: Item) {
    this.#items = [first];
  }

  get length(): number {
    return this.#items.length - this.#head;
  }

  get first(): Item | undefined {
    return this.#items[this.#head];
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  shift(): Item | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    // What was served must not keep its request, and the buffer that came in with it, until 63 others are.
    this.#items[this.#head] = undefined;
    this.#head += 1;
    if (this.#head >= 64) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}
