import { change } from './change.js';

/** What is said, other than usual, of what is gone and of what is not as before. */
interface Words<Value> {
  readonly gone?: (name: string) => string;
  readonly changed?: (name: string, before: Value, after: Value) => readonly string[];
}

/** Named things: a name that comes to mean something else says so, since counts are kept by name. */
export function mapChanges<Value>(
  what: string,
  before: ReadonlyMap<string, Value>,
  after: ReadonlyMap<string, Value>,
  describe: (value: Value) => string,
  words: Words<Value> = {},
): string[] {
  const gone = words.gone ?? ((name) => change('narrows', `${what} ${name} is gone`));
  const changed =
    words.changed ??
    ((name, old, now) => [
      change('widens', `${what} ${name} now means ${describe(now)}, before ${describe(old)}`),
    ]);
  const changes: string[] = [];
  for (const [name, value] of after) {
    const old = before.get(name);
    if (old === undefined) changes.push(change('widens', `${what} ${name} is declared: ${describe(value)}`));
    else if (describe(old) !== describe(value)) changes.push(...changed(name, old, value));
  }
  for (const name of before.keys()) if (!after.has(name)) changes.push(gone(name));
  return changes;
}
