import { relative } from 'node:path';

/** Text as one word of a POSIX shell, to be pasted. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A path as a person here would type it: relative when that is shorter. */
export function shellPath(path: string): string {
  const here = relative(process.cwd(), path);
  return shellWord(here !== '' && here.length < path.length ? here : path);
}
