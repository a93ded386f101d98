/**
 * Requests that wait for a token: high before normal, and among equals one of each key in turn, so that a key with a
 * thousand requests or workloads does not hold up a key with one; of a key one of each workload in turn, so that a
 * workload does not hold up another that shares it. Of one key and workload, first come first served.
 */
export class SignQueue<Item extends Waiting> {
  readonly #high = byKeyAndWorkload<Item>();
  readonly #normal = byKeyAndWorkload<Item>();

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

/** What takes turns: requests in a row, or again lines that take turns. */
interface Line<Item> {
  readonly size: number;
  add(item: Item): void;
  take(): Item | null;
  takeBefore(time: number): readonly Item[];
}

/** A map in the order of turns: a line that was served goes to the end, one without requests is forgotten. */
class Turns<Item extends Waiting> implements Line<Item> {
  readonly #nameOf: (item: Item) => string;
  readonly #newLine: () => Line<Item>;
  readonly #lines = new Map<string, Line<Item>>();
  size = 0;

  constructor(nameOf: (item: Item) => string, newLine: () => Line<Item>) {
    this.#nameOf = nameOf;
    this.#newLine = newLine;
  }

  add(item: Item): void {
    const name = this.#nameOf(item);
    let line = this.#lines.get(name);
    if (line === undefined) this.#lines.set(name, (line = this.#newLine()));
    line.add(item);
    this.size += 1;
  }

  take(): Item | null {
    for (const [name, line] of this.#lines) {
      const item = line.take();
      this.#lines.delete(name);
      if (line.size > 0) this.#lines.set(name, line);
      if (item === null) continue;
      this.size -= 1;
      return item;
    }
    return null;
  }

  takeBefore(time: number): readonly Item[] {
    const taken: Item[] = [];
    for (const [name, line] of this.#lines) {
      taken.push(...line.takeBefore(time));
      if (line.size === 0) this.#lines.delete(name);
    }
    this.size -= taken.length;
    return taken;
  }
}

/** One of each key in turn, and of the requests for a key one of each workload. */
function byKeyAndWorkload<Item extends Waiting>(): Line<Item> {
  const ofKey = (): Line<Item> =>
    new Turns(
      ({ workload }) => workload ?? '',
      () => new Fifo(),
    );
  return new Turns(({ key }) => key, ofKey);
}

/** Array.shift moves every element; this moves them once per 64 served. */
class Fifo<Item extends Waiting> implements Line<Item> {
  #items: (Item | undefined)[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  add(item: Item): void {
    this.#items.push(item);
  }

  take(): Item | null {
    const item = this.#items[this.#head];
    if (item === undefined) return null;
    // What was served must not keep its request, and the buffer that came in with it, until 63 others are.
    this.#items[this.#head] = undefined;
    this.#head += 1;
    if (this.#head >= 64) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  takeBefore(time: number): readonly Item[] {
    const taken: Item[] = [];
    for (let first = this.#items[this.#head]; first !== undefined; first = this.#items[this.#head]) {
      if (first.since >= time) break;
      taken.push(first);
      this.take();
    }
    return taken;
  }
}
