import { describe, expect, it } from 'vitest';
import { canonicalJson, type JsonValue } from '../../../src/core/canonical-json.js';
import type { EntryBody } from '../../../src/ledger/entries.js';
import { entryOf } from '../../../src/ledger/entry-of.js';
import { encodeEntry } from '../../../src/ledger/entry-text.js';
import { authorization, freeze, signature } from '../../support/ledger-bodies.js';

const HEAD = { sequence: '7', previous: 'cd'.repeat(32), time: '2026-01-01T00:00:00.000Z' };

const BODIES: readonly [string, EntryBody][] = [
  ['an authorization', authorization()],
  ['an authorization with every field that may be absent', authorization({ approval: '9', repeats: '3' })],
  ['a signature', signature(6)],
  ['any other kind', freeze('ab')],
];

describe('an entry', () => {
  for (const [name, body] of BODIES) {
    for (const head of [HEAD, { ...HEAD, batch: '5' }]) {
      it(`of ${name}${'batch' in head ? ' in a batch' : ''} says all that its head and body say`, () => {
        expect(encodeEntry(entryOf(body, head))).toBe(
          canonicalJson({ ...body, ...head } as unknown as JsonValue),
        );
      });
    }
  }

  it('of the kinds that every signature writes has its keys in order', () => {
    for (const body of [authorization(), signature(6)]) {
      const keys = Object.keys(entryOf(body, HEAD));
      expect(keys).toEqual([...keys].sort());
    }
  });
});
