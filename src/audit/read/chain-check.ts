import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import { parseTime } from '../../core/clock.js';
import { canonicalJson, type JsonValue } from '../../core/canonical-json.js';
import type { Entry } from '../../ledger/entries.js';
import { problem, type Problem } from './damage.js';
import { readEntry } from './entry-schema.js';

/** An entry of more bytes could not stand in a C2SP tlog entry bundle (u16 length). */
export const MAX_ENTRY_BYTES = 65_535;

const HASH_CHARACTERS = 64;
export const GENESIS_PREVIOUS = '0'.repeat(64);
const SPACE = 0x20;

export interface ChainedEntry {
  readonly entry: Entry;
  readonly sequence: number;
  /** Milliseconds. */
  readonly time: number;
  /** Leaf hash, 32 bytes. */
  readonly hash: Buffer;
}

/** Where a chain is joined: the whole ledger, or a segment whose predecessor was not read. */
export interface ChainStart {
  readonly sequence: number;
  /** Null: not known, and then the first entry's own word is taken. */
  readonly previous: string | null;
}

/** Checks line after line: form, hash, chain, sequence, time, form of the entry. Keeps one entry's worth of state. */
export class ChainCheck {
  #sequence: number;
  #previous: string | null;
  #time = Number.NEGATIVE_INFINITY;
  #timeText = '';
  /** Sequence of the first entry of the last write; null where reading began inside one. */
  #write: number | null = null;

  constructor(start: ChainStart = { sequence: 0, previous: GENESIS_PREVIOUS }) {
    this.#sequence = start.sequence;
    this.#previous = start.previous;
  }

  /** The sequence the next line must have. */
  get expected(): number {
    return this.#sequence;
  }

  /** Hash of the last entry, 64 hex. */
  get head(): string | null {
    return this.#previous;
  }

  /** `line` without its line feed; its byte 64 is overwritten. */
  accept(line: Buffer): ChainedEntry | Problem {
    if (line.length < HASH_CHARACTERS + 3 || line[HASH_CHARACTERS] !== SPACE) {
      return problem('line', 'not `<64 hex> <entry>`');
    }
    if (line.length - HASH_CHARACTERS - 1 > MAX_ENTRY_BYTES) {
      return problem('line', `the entry has more than ${String(MAX_ENTRY_BYTES)} bytes`);
    }
    const claimed = line.toString('latin1', 0, HASH_CHARACTERS);
    // The byte between hash and entry becomes the 0x00 of the leaf hash: nothing is copied.
    line[HASH_CHARACTERS] = 0;
    const digest = hash('sha256', line.subarray(HASH_CHARACTERS), 'buffer');
    const hex = digest.toString('hex');
    if (hex !== claimed) return problem('hash', `the bytes hash to ${hex}, not to the hash beside them`);
    const entry = parseEntry(line.subarray(HASH_CHARACTERS + 1));
    if ('message' in entry && !('type' in entry)) return entry;
    return this.#link(entry, digest, hex);
  }

  #link(entry: Entry, digest: Buffer, hex: string): ChainedEntry | Problem {
    if (entry.sequence !== String(this.#sequence)) {
      return problem('sequence', `the entry says ${entry.sequence}, ${String(this.#sequence)} is due`);
    }
    if (this.#previous !== null && entry.previous !== this.#previous) {
      return problem('chain', 'previous is not the hash of the entry before');
    }
    const write = entry.batch === undefined ? this.#sequence : Number(entry.batch);
    if (entry.batch !== undefined && !this.#continues(write)) {
      return problem('schema', `batch ${entry.batch} is not the write that the entry before belongs to`);
    }
    const time = entry.time === this.#timeText ? this.#time : parseTime(entry.time);
    if (time === null) return problem('schema', `${entry.time} is no time`);
    if (time < this.#time) {
      return problem('time', `${entry.time} is before ${this.#timeText}, the time of the entry before`);
    }
    const accepted = { entry, sequence: this.#sequence, time, hash: digest };
    this.#write = write;
    this.#sequence += 1;
    this.#previous = hex;
    this.#time = time;
    this.#timeText = entry.time;
    return accepted;
  }

  /** A write is named by its first entry, and nothing of another one stands between its own. */
  #continues(write: number): boolean {
    return this.#write === null ? write < this.#sequence : write === this.#write;
  }
}

function parseEntry(json: Buffer): Entry | Problem {
  // Before it becomes text: what stands in for a broken byte would be taken for what was written.
  if (!isUtf8(json)) return problem('line', 'the entry is not UTF-8');
  const text = json.toString('utf8');
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    return problem('line', 'the entry is not JSON');
  }
  if (!hasOneReading(value, text)) {
    return problem(
      'line',
      'the entry is not RFC 8785 JSON (keys doubled or out of order, spaces, number forms)',
    );
  }
  const entry = readEntry(value);
  return typeof entry === 'string' ? problem('schema', `the entry is not of its form: ${entry}`) : entry;
}

/** Doubled keys, spaces, escapes, number forms and keys in another order do not survive the way back. */
function hasOneReading(value: JsonValue, text: string): boolean {
  try {
    return isPlain(value) ? JSON.stringify(value) === text : canonicalJson(value) === text;
  } catch {
    // A fraction, or nesting too deep to be written again: no entry holds one.
    return false;
  }
}

/** Whether `JSON.stringify` writes just what `canonicalJson` does, in about half the time: nearly every entry. */
function isPlain(value: JsonValue | undefined): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value);
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isPlain);
  let before = '';
  for (const key of Object.keys(value)) {
    if (key < before || !isPlain((value as Readonly<Record<string, JsonValue | undefined>>)[key]))
      return false;
    before = key;
  }
  return true;
}
