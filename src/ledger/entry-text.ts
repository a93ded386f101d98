import { hash } from 'node:crypto';
import { canonicalJson, type JsonValue } from '../core/canonical-json.js';
import type { Entry, EntryBody } from './entries.js';

/** The 16-bit length of an entry in a tlog-tiles entry bundle bounds it (C2SP tlog-tiles). */
export const MAX_ENTRY_BYTES = 65_535;

/** `<64 hex> ` before the JSON. */
export const LINE_PREFIX_BYTES = 65;
export const MAX_LINE_BYTES = LINE_PREFIX_BYTES + MAX_ENTRY_BYTES + 1;

export const ZERO_HASH = '0'.repeat(64);

/** RFC 8785 text of an entry. Throws TypeError on a number that is not a safe integer. */
export function encodeEntry(entry: Entry): string {
  const sorted: Record<string, JsonValue | undefined> = {};
  const source: object = entry;
  for (const key of Object.keys(source).sort())
    sorted[key] = Reflect.get(source, key) as JsonValue | undefined;
  return canonicalText(sorted);
}

/**
 * The same text as `canonicalJson`, three times as fast when every object already has its keys in order:
 * `JSON.stringify` writes exactly RFC 8785 then.
 */
export function canonicalText(value: JsonValue): string {
  return inOrder(value) ? JSON.stringify(value) : canonicalJson(value);
}

function inOrder(value: JsonValue): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value);
  if (typeof value !== 'object' || value === null) return true;
  if (isArray(value)) return value.every(inOrder);
  let before: string | null = null;
  for (const key in value) {
    if (before !== null && before >= key) return false;
    before = key;
    const item = value[key];
    if (item !== undefined && !inOrder(item)) return false;
  }
  return true;
}

function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
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
