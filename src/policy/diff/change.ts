/** How a change bears on what may be signed. `changes` is for what is neither, or both. */
export type Direction = 'widens' | 'narrows' | 'changes';

export function change(direction: Direction, text: string): string {
  return `${direction}: ${text}`;
}

/** More in a list of what is allowed widens; with `denies`, more in a list of what is denied narrows. */
export function listChanges(
  what: string,
  before: Iterable<string>,
  after: Iterable<string>,
  denies = false,
): string[] {
  const old = new Set(before);
  const now = new Set(after);
  const added = [...now].filter((item) => !old.has(item));
  const removed = [...old].filter((item) => !now.has(item));
  return [
    ...added.map((item) => change(denies ? 'narrows' : 'widens', `${what} ${item} is added`)),
    ...removed.map((item) => change(denies ? 'widens' : 'narrows', `${what} ${item} is removed`)),
  ];
}

/** A bound that allows more the larger it is; null is no bound. */
export function boundChanges<Value extends bigint | number>(
  what: string,
  before: Value | null,
  after: Value | null,
  show: (value: Value) => string,
): string[] {
  if (before === after) return [];
  if (after === null) return [change('widens', `${what}, ${before === null ? '' : show(before)}, is gone`)];
  if (before === null) return [change('narrows', `${what} is now ${show(after)}`)];
  return [
    change(after > before ? 'widens' : 'narrows', `${what} goes from ${show(before)} to ${show(after)}`),
  ];
}

/** A word of which one is the stricter. */
export function wordChanges<Word extends string>(
  what: string,
  before: Word,
  after: Word,
  strict: Word,
): string[] {
  if (before === after) return [];
  return [change(after === strict ? 'narrows' : 'widens', `${what} goes from ${before} to ${after}`)];
}
