import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Entry } from '../../../src/ledger/entries.js';

/** Every entry on disk, read without any of our own code: `<hash> <json>` lines up to the zero tail. */
export async function ledgerLines(directory: string): Promise<Entry[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.ledger')).sort();
  const entries: Entry[] = [];
  for (const name of names) {
    const bytes = await readFile(join(directory, name));
    const zero = bytes.indexOf(0);
    const text = bytes.subarray(0, zero < 0 ? bytes.length : zero).toString('utf8');
    for (const line of text.split('\n')) if (line !== '') entries.push(JSON.parse(line.slice(65)) as Entry);
  }
  return entries;
}

export function ofType<Type extends Entry['type']>(
  entries: readonly Entry[],
  type: Type,
): Extract<Entry, { type: Type }>[] {
  return entries.filter((entry): entry is Extract<Entry, { type: Type }> => entry.type === type);
}
