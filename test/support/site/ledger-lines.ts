import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Entry } from '../../../src/ledger/entries.js';

/** Every line on disk, `<hash> <json>` up to the zero tail, read without any of our own code. */
export async function rawLines(directory: string): Promise<string[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.ledger')).sort();
  const lines: string[] = [];
  for (const name of names) {
    const bytes = await readFile(join(directory, name));
    const zero = bytes.indexOf(0);
    const text = bytes.subarray(0, zero < 0 ? bytes.length : zero).toString('utf8');
    lines.push(...text.split('\n').filter((line) => line !== ''));
  }
  return lines;
}

export async function ledgerLines(directory: string): Promise<Entry[]> {
  return (await rawLines(directory)).map(entryIn);
}

export function hashIn(line: string): string {
  return line.slice(0, 64);
}

export function entryIn(line: string): Entry {
  return JSON.parse(line.slice(65)) as Entry;
}

export function ofType<Type extends Entry['type']>(
  entries: readonly Entry[],
  type: Type,
): Extract<Entry, { type: Type }>[] {
  return entries.filter((entry): entry is Extract<Entry, { type: Type }> => entry.type === type);
}
