import type { Entry } from '../../ledger/entries.js';
import type { Step } from '../read/walk.js';

/** One JSON line: the entry as it stands, with its hash. */
export function jsonLine({ entry, hash }: Step): string {
  return JSON.stringify({ hash: hash.toString('hex'), ...entry });
}

/** The columns of the CSV export; each entry fills those it has. Amounts are decimal text in base units. */
const CSV_COLUMNS = [
  'sequence',
  'time',
  'type',
  'key',
  'publicKey',
  'workload',
  'request',
  'attestation',
  'authorization',
  'signature',
  'lamports',
  'feeLamports',
  'counted',
  'repeats',
  'code',
  'reason',
  'hash',
] as const;

export const CSV_HEADER = CSV_COLUMNS.join(',');

export function csvLine({ entry, hash }: Step): string {
  const cells = cellsOf(entry);
  cells.set('hash', hash.toString('hex'));
  return CSV_COLUMNS.map((column) => csvCell(cells.get(column) ?? '')).join(',');
}

function cellsOf(entry: Entry): Map<string, string> {
  const cells = new Map<string, string>();
  for (const column of CSV_COLUMNS) {
    const value: unknown = Reflect.get(entry, column);
    if (typeof value === 'string') cells.set(column, value);
  }
  if (entry.type === 'authorization') {
    const amount = (of: string): string => entry.counted.find(({ unit }) => unit === of)?.amount ?? '0';
    cells.set('lamports', amount('SOL'));
    cells.set('feeLamports', amount('fee'));
    cells.set('counted', entry.counted.map(({ unit, amount: units }) => `${unit}=${units}`).join(' '));
  }
  if (entry.type === 'denial') cells.set('code', entry.codes.join(' '));
  return cells;
}

/** What a spreadsheet takes for the beginning of a formula, full-width forms included; white space hides it. */
const FORMULA = /^[\s\0]*[=+\-@\uff1d\uff0b\uff0d\uff20\t\r\n]/u;

/** RFC 4180; a cell that a spreadsheet would run as a formula gets an apostrophe in front. */
function csvCell(value: string): string {
  const inert = FORMULA.test(value) ? `'${value}` : value;
  return /[",;\t\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
