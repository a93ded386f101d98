import type { Command } from 'commander';

/** Commands by name. Each comes with its module when it is asked for; a group is given the words after its name. */
export type CommandTable = Readonly<Record<string, (words: readonly string[]) => Promise<Command>>>;

/**
 * Adds to `parent` the command that `words` begin with and loads no other: all modules take longer to load than most
 * commands run, and the daemon would keep them. Words that begin with no command get every one: help lists them, and
 * a mistyped name is answered with the nearest.
 */
export async function addCommands(
  parent: Command,
  table: CommandTable,
  words: readonly string[],
): Promise<Command> {
  const [first = '', ...rest] = words;
  if (parent.options.some(({ long, short }) => first === long || first === short)) return parent;
  const named = Object.hasOwn(table, first) ? table[first] : undefined;
  const made =
    named === undefined
      ? await Promise.all(Object.values(table).map((load) => load([])))
      : [await named(rest)];
  for (const command of made) parent.addCommand(command);
  return parent;
}
