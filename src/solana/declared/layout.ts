import type { ByteReader } from '../../core/byte-reader.js';
import { ReadError } from '../../core/byte-reader.js';

/** Borsh layouts an IDL can describe; enough to know where each argument lies and where the last one ends. */
export type Layout =
  | { readonly kind: 'integer'; readonly bytes: 1 | 2 | 4 | 8 | 16 | 32; readonly signed: boolean }
  | { readonly kind: 'bool' }
  | { readonly kind: 'bytes'; readonly length: number }
  | { readonly kind: 'option'; readonly prefix: 1 | 4; readonly inner: Layout }
  | { readonly kind: 'array'; readonly inner: Layout; readonly length: number }
  | { readonly kind: 'list'; readonly prefix: 1 | 2 | 4 | 8; readonly inner: Layout }
  | { readonly kind: 'struct'; readonly fields: readonly Layout[]; readonly names?: readonly string[] }
  | { readonly kind: 'enum'; readonly prefix: 1 | 2 | 4; readonly variants: readonly Layout[] };

/** Numbers by the names that both kinds of IDL give them. */
export const NUMBERS: ReadonlyMap<string, Layout> = new Map<string, Layout>([
  ...([1, 2, 4, 8, 16] as const).flatMap((bytes): [string, Layout][] => [
    [`u${String(8 * bytes)}`, { kind: 'integer', bytes, signed: false }],
    [`i${String(8 * bytes)}`, { kind: 'integer', bytes, signed: true }],
  ]),
  ['f32', { kind: 'bytes', length: 4 }],
  ['f64', { kind: 'bytes', length: 8 }],
]);

/** Items of one list: far more than an instruction of 1232 bytes could use. */
const MAX_ITEMS = 1024n;

/**
 * Reads one value: integers and booleans as bigint, an option of one as its value or null when there is none,
 * anything else as null (read over, not kept). Strict: a boolean or option tag other than 0 and 1 is an error.
 * Throws ReadError.
 */
export function readValue(reader: ByteReader, layout: Layout, what: string): bigint | null {
  switch (layout.kind) {
    case 'integer':
      return integer(reader, layout.bytes, layout.signed, what);
    case 'bool':
      return tag(reader, 1, 2, what);
    case 'bytes':
      reader.take(layout.length, what);
      return null;
    case 'option':
      return tag(reader, layout.prefix, 2, what) === 1n ? readValue(reader, layout.inner, what) : null;
    case 'array':
      for (let index = 0; index < layout.length; index++) readValue(reader, layout.inner, what);
      return null;
    case 'list': {
      const at = reader.offset;
      const count = integer(reader, layout.prefix, false, what);
      if (count > MAX_ITEMS || count > BigInt(reader.remaining))
        throw new ReadError(`${what} is too long`, at);
      for (let index = 0n; index < count; index++) readValue(reader, layout.inner, what);
      return null;
    }
    case 'struct':
      for (const field of layout.fields) readValue(reader, field, what);
      return null;
    case 'enum': {
      const variant = layout.variants[Number(tag(reader, layout.prefix, layout.variants.length, what))];
      if (variant !== undefined) readValue(reader, variant, what);
      return null;
    }
  }
}

/** Whether a value can be counted or bounded. An option that is absent cannot: it often means "all there is". */
export function isScalar(layout: Layout): boolean {
  if (layout.kind === 'option') return isScalar(layout.inner);
  return layout.kind === 'integer' || layout.kind === 'bool';
}

function tag(reader: ByteReader, bytes: 1 | 2 | 4, count: number, what: string): bigint {
  const at = reader.offset;
  const value = integer(reader, bytes, false, what);
  if (value >= BigInt(count)) throw new ReadError(`${what} has no variant ${String(value)}`, at);
  return value;
}

function integer(reader: ByteReader, bytes: number, signed: boolean, what: string): bigint {
  const raw = reader.take(bytes, what);
  let value = 0n;
  for (let index = bytes - 1; index >= 0; index--) value = (value << 8n) | BigInt(raw[index] ?? 0);
  return signed ? BigInt.asIntN(8 * bytes, value) : value;
}
