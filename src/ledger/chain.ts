import { hash } from 'node:crypto';
import { parseTime } from '../core/clock.js';
import { isEntryType, type Entry } from './entries.js';
import { HASH_CHARACTERS, LINE_PREFIX_BYTES, NEWLINE, SPACE } from './entry-text.js';

export interface Line {
  readonly entry: Entry;
  /** 64 hex. */
  readonly hash: string;
  readonly sequence: number;
  /** Milliseconds. */
  readonly time: number;
  /** Sequence of the first entry of the same write. */
  readonly batch: number;
  /** What it takes on disk, newline included. */
  readonly bytes: number;
}

/** What is wrong with a line, or with its place in the chain. */
export interface Fault {
  readonly kind: 'line' | 'hash' | 'json' | 'head' | 'sequence' | 'previous' | 'time' | 'genesis' | 'body';
  /** One sentence. */
  readonly message: string;
}

/**
 * Reads one line, newline included. The hash over the stored bytes is checked first, so nothing is parsed that
 * was not written by a ledger.
 */
export function readLine(bytes: Buffer): Line | Fault {
  if (bytes.length <= LINE_PREFIX_BYTES || bytes[bytes.length - 1] !== NEWLINE)
    return fault('line', 'the line does not end');
  if (bytes[HASH_CHARACTERS] !== SPACE) return fault('line', 'the line does not begin with a hash');
  const stated = bytes.toString('latin1', 0, HASH_CHARACTERS);
  if (hashOfLine(bytes) !== stated) return fault('hash', 'the hash does not fit the entry');
  return readEntry(bytes.toString('utf8', LINE_PREFIX_BYTES, bytes.length - 1), stated, bytes.length);
}

/** SHA-256(0x00 ‖ JSON), hex, over the line's own bytes: the separator stands just where the prefix belongs. */
function hashOfLine(bytes: Buffer): string {
  bytes[HASH_CHARACTERS] = 0;
  const digest = hash('sha256', bytes.subarray(HASH_CHARACTERS, bytes.length - 1));
  bytes[HASH_CHARACTERS] = SPACE;
  return digest;
}

function readEntry(text: string, stated: string, bytes: number): Line | Fault {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return fault('json', 'the entry is not JSON');
  }
  if (!isEntry(value)) return fault('head', 'the entry has no head or an unknown type');
  const sequence = readSequence(value.sequence);
  const time = parseTime(value.time);
  const batch = value.batch === undefined ? sequence : readSequence(value.batch);
  if (sequence === null || time === null || batch === null || batch > sequence) {
    return fault('head', 'the head of the entry is malformed');
  }
  return { entry: value, hash: stated, sequence, time, batch, bytes };
}

function isEntry(value: unknown): value is Entry {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    typeof value.type === 'string' &&
    isEntryType(value.type) &&
    'sequence' in value &&
    typeof value.sequence === 'string' &&
    'previous' in value &&
    typeof value.previous === 'string' &&
    'time' in value &&
    typeof value.time === 'string' &&
    (!('batch' in value) || typeof value.batch === 'string')
  );
}

/** A canonical decimal sequence as a number; null when it is not one. */
export function readSequence(text: string): number | null {
  if (!/^(0|[1-9]\d{0,15})$/.test(text)) return null;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : null;
}

function fault(kind: Fault['kind'], message: string): Fault {
  return { kind, message };
}

export interface ChainEnd {
  /** Entries so far: the sequence that must come next. */
  readonly size: number;
  readonly head: string;
  readonly time: number;
}

/** Why `line` cannot follow `end`; null when it can. */
export function chainFault(end: ChainEnd, line: Line): Fault | null {
  if (line.sequence !== end.size) {
    return fault('sequence', `sequence ${String(line.sequence)} stands where ${String(end.size)} belongs`);
  }
  if (line.entry.previous !== end.head) {
    return fault('previous', 'the entry does not name the hash of the entry before');
  }
  if (line.time < end.time) return fault('time', 'the time lies before that of the entry before');
  if ((line.entry.type === 'genesis') !== (line.sequence === 0)) {
    return fault('genesis', 'genesis must be the first entry, and only that');
  }
  return null;
}
