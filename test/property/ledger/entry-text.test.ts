import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, type JsonValue } from '../../../src/core/canonical-json.js';
import { readLine } from '../../../src/ledger/chain.js';
import type { Entry } from '../../../src/ledger/entries.js';
import { encodeEntry, entryFits, entryHash, MAX_ENTRY_BYTES } from '../../../src/ledger/entry-text.js';
import { authorization } from '../../support/ledger-bodies.js';

const json: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.string({ unit: 'binary' }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('1', '10', '9', '__proto__', 'a')),
      tie('value'),
      {
        maxKeys: 5,
        noNullPrototype: true,
      },
    ),
  ),
})).value;

const entries: fc.Arbitrary<Entry> = fc
  .record({
    effects: fc.array(json, { maxLength: 4 }),
    message: fc.base64String(),
    workload: fc.string({ unit: 'binary' }),
    repeats: fc.option(fc.maxSafeInteger().map(String), { nil: undefined }),
    batch: fc.option(fc.constant('0'), { nil: undefined }),
  })
  .map(({ repeats, batch, ...parts }) => ({
    ...authorization({ ...parts, ...(repeats === undefined ? {} : { repeats }) }),
    sequence: '7',
    previous: '0'.repeat(64),
    time: '2026-01-01T00:00:00.000Z',
    ...(batch === undefined ? {} : { batch }),
  }));

describe('encodeEntry', () => {
  it('writes exactly canonical JSON', () => {
    fc.assert(
      fc.property(entries, (entry) => {
        expect(encodeEntry(entry)).toBe(canonicalJson(JSON.parse(JSON.stringify(entry)) as JsonValue));
      }),
    );
  });

  it('gives a line that reads back to an equal entry', () => {
    fc.assert(
      fc.property(entries, (entry) => {
        const text = encodeEntry(entry);
        const line = readLine(Buffer.from(`${entryHash(text)} ${text}\n`));
        expect(line).toMatchObject({ sequence: 7, batch: entry.batch === undefined ? 7 : 0 });
        if ('entry' in line) expect(encodeEntry(line.entry)).toBe(text);
      }),
    );
  });

  it('never writes a zero byte or a line end inside a line', () => {
    fc.assert(
      fc.property(entries, (entry) => {
        expect(encodeEntry(entry)).not.toMatch(/[\0\n]/);
      }),
    );
  });

  it('refuses a number that other readers would change', () => {
    const entry = { ...authorization({ effects: [2 ** 53] }), sequence: '0', previous: '', time: '' };
    expect(() => encodeEntry(entry)).toThrow(TypeError);
  });
});

describe('entryFits', () => {
  it('is true exactly up to the longest entry with the longest head', () => {
    const bare = Buffer.byteLength(
      encodeEntry({
        ...authorization({ message: '' }),
        sequence: String(Number.MAX_SAFE_INTEGER),
        batch: String(Number.MAX_SAFE_INTEGER),
        previous: '0'.repeat(64),
        time: '2026-01-01T00:00:00.000Z',
      }),
    );
    expect(entryFits(authorization({ message: 'A'.repeat(MAX_ENTRY_BYTES - bare) }))).toBe(true);
    expect(entryFits(authorization({ message: 'A'.repeat(MAX_ENTRY_BYTES - bare + 1) }))).toBe(false);
  });
});
