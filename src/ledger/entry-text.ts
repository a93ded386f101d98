import { hash } from 'node:crypto';
import { canonicalJson, type JsonValue } from '../core/canonical-json.js';
import type { Entry, EntryBody } from './entries.js';

/** The 16-bit length of an entry in a tlog-tiles entry bundle bounds it (C2SP tlog-tiles). */
export const MAX_ENTRY_BYTES = 65_535;

/** Of the hash a line begins with, in hex. */
export const HASH_CHARACTERS = 64;
export const SPACE = 0x20;
export const NEWLINE = 0x0a;
/** `<64 hex> ` before the JSON. */
export const LINE_PREFIX_BYTES = HASH_CHARACTERS + 1;
export const MAX_LINE_BYTES = LINE_PREFIX_BYTES + MAX_ENTRY_BYTES + 1;

/** What an entry of `size` bytes takes on disk, newline included. */
export function lineBytes(size: number): number {
  return LINE_PREFIX_BYTES + size + 1;
}

export const ZERO_HASH = '0'.repeat(64);

/** RFC 8785 text of an entry. Throws TypeError on a number that is not a safe integer. */
export function encodeEntry(entry: Entry): string {
  return canonicalText(entry);
}

/**
 * The same text as `canonicalJson`, in a small part of the time: once the keys stand in order, `JSON.stringify` writes
 * exactly RFC 8785. The entries that every signature writes are made in order (entry-of.ts) and not copied.
 */
function canonicalText(value: object): string {
  if (inOrder(value)) return JSON.stringify(value);
  const sorted = sortedObject(value as Fields);
  // An object cannot hold keys like `1` in any other order than its own.
  return sorted === null ? canonicalJson(value as JsonValue) : JSON.stringify(sorted);
}

type Fields = Readonly<Record<string, unknown>>;

/** An object with the same fields, keys in order at every depth. Null when no object can hold that order. */
function sortedObject(value: Fields): Fields | null {
  const sorted: Record<string, unknown> = {};
  for (const key of Object.keys(value).sort()) {
    if (!keepsItsPlace(key)) return null;
    const item = value[key];
    const ordered = inOrder(item) ? item : sortedItem(item as object);
    if (ordered === null && item !== null) return null;
    sorted[key] = ordered;
  }
  return sorted;
}

function sortedItem(item: object): unknown {
  if (!Array.isArray(item)) return sortedObject(item as Fields);
  const sorted: unknown[] = [];
  for (const each of item as readonly unknown[]) {
    const ordered = inOrder(each) ? each : sortedItem(each as object);
    if (ordered === null && each !== null) return null;
    sorted.push(ordered);
  }
  return sorted;
}

/** Whether `JSON.stringify` writes RFC 8785 of the value as it stands. Throws TypeError on a number that is not safe. */
function inOrder(value: unknown): boolean {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new TypeError('numbers in canonical JSON must be safe integers');
  }
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(inOrder);
  let before = '';
  for (const key of Object.keys(value)) {
    if (key < before || !keepsItsPlace(key) || !inOrder((value as Fields)[key])) return false;
    before = key;
  }
  return true;
}

/** Keys that look like array indexes go first in any object, and `__proto__` goes nowhere. */
function keepsItsPlace(key: string): boolean {
  const first = key.charCodeAt(0);
  return !(first >= 0x30 && first <= 0x39) && key !== '__proto__';
}

/** A head as long as any can be, up to the largest sequence a number can hold. */
const LONGEST_HEAD = {
  sequence: String(Number.MAX_SAFE_INTEGER),
  batch: String(Number.MAX_SAFE_INTEGER),
  previous: ZERO_HASH,
  time: '2026-01-01T00:00:00.000Z',
};

/**
 * Whether the ledger can hold an entry with this body (65,535 bytes with its head). A decider asks before it
 * returns a body whose size a caller influences, and refuses the request when it does not fit.
 */
export function entryFits(body: EntryBody): boolean {
  return Buffer.byteLength(encodeEntry({ ...LONGEST_HEAD, ...body })) <= MAX_ENTRY_BYTES;
}

/** SHA-256(0x00 ‖ text) in hex: the hash of the chain and the leaf hash of the tree. */
export function entryHash(text: string): string {
  return hash('sha256', Buffer.from(`\0${text}`));
}

/** The line that stands on disk for an entry with this text. */
export function entryLine(text: string): Buffer {
  return Buffer.from(`${entryHash(text)} ${text}\n`);
}
