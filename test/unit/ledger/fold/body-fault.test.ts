import { describe, expect, it } from 'vitest';
import { formatTime } from '../../../../src/core/clock.js';
import type { EntryBody, Envelope } from '../../../../src/ledger/entries.js';
import { encodeEntry, entryHash } from '../../../../src/ledger/entry-text.js';
import { bodyFault } from '../../../../src/ledger/fold/body-fault.js';
import { Fold } from '../../../../src/ledger/fold/fold.js';
import {
  attestation,
  authorization,
  envelope,
  genesis,
  KEY,
  policy,
  statementId,
} from '../../../support/ledger-bodies.js';

/** A fold with these entries. */
function after(...bodies: readonly EntryBody[]): Fold {
  const fold = new Fold();
  for (const body of bodies) {
    const sequence = fold.size;
    const head = { sequence: String(sequence), previous: fold.head, time: formatTime(0) };
    const text = encodeEntry({ ...body, ...head });
    const line = { sequence, time: 0, batch: sequence, bytes: text.length, hash: entryHash(text) };
    fold.apply({ ...line, entry: { ...body, ...head } });
  }
  return fold;
}

/** As a list of numbers, of which `Buffer.from` makes the same bytes. */
function bytesOf(value: object): string {
  return [...Buffer.from(JSON.stringify(value))] as unknown as string;
}

const NO_ID = 'the statement has no readable id';
const unreadable: readonly (readonly [string, Envelope])[] = [
  ['without an id', envelope({ type: 'x/v1' })],
  ['with a number for an id', envelope({ type: 'x/v1', id: 7 })],
  ['that expires at no time', envelope({ type: 'x/v1', id: statementId(1), expiresAt: 'soon' })],
  ['that is no JSON', { payload: 'AAAA', signatures: [] }],
  ['that is no text', { payload: bytesOf({ type: 'x/v1', id: statementId(1) }), signatures: [] }],
];
const readable = envelope({ type: 'x/v1', id: statementId(7) });

const bearers: readonly (readonly [string, Fold, (statement: Envelope) => EntryBody])[] = [
  ['genesis', new Fold(), (statement) => ({ ...genesis(), statement })],
  ['policy', after(genesis()), (statement) => ({ ...policy(), statement })],
  [
    'unfreeze',
    after(genesis(), policy()),
    (statement) => ({ type: 'unfreeze', freeze: 'ab'.repeat(32), id: '', statement }),
  ],
  [
    'accept-rollback',
    after(genesis(), policy()),
    (statement) => ({ ...attestation(), kind: 'accept-rollback', statement }),
  ],
  [
    'key',
    after(genesis(), policy()),
    (statement) => ({ type: 'key', action: 'retire', token: 'main', label: 'a', publicKey: KEY, statement }),
  ],
];

describe('an entry that carries a statement', () => {
  it.each(bearers)(
    '%s: is refused when nobody could tell that the statement was used',
    (_, fold, bearing) => {
      for (const [name, statement] of unreadable) {
        expect(bodyFault(fold, bearing(statement)) ?? 'nothing', name).toBe(NO_ID);
      }
      expect(bodyFault(fold, bearing(readable))).toBeNull();
    },
  );

  it('key: may do without one', () => {
    const body: EntryBody = { type: 'key', action: 'latch', token: 'main', label: 'a', publicKey: KEY };
    expect(bodyFault(after(genesis()), body)).toBeNull();
  });

  it('attestation: is refused when what it grants cannot be read', () => {
    const fold = after(genesis(), policy());
    expect(bodyFault(fold, attestation())).toBeNull();
    for (const rest of [{ workload: 7 }, { keys: 'all' }, { expiresAt: null }, { scope: { colours: [] } }]) {
      expect(bodyFault(fold, attestation({ rest })) ?? 'nothing').toBe('the attestation cannot be read');
    }
  });
});

it('genesis is the first entry, and only that', () => {
  expect(bodyFault(new Fold(), genesis())).toBeNull();
  expect(bodyFault(after(genesis()), genesis()) ?? 'nothing').toMatch(/must be the first entry/);
});

describe('an authorization', () => {
  it('is refused for any amount that is no decimal number, wherever it stands', () => {
    const fold = after(genesis(), policy());
    const good = { unit: 'fee', amount: '5' };
    const bad = { unit: 'SOL', amount: '5 ' };
    for (const counted of [
      [bad, good],
      [good, bad],
    ]) {
      expect(bodyFault(fold, authorization({ counted })) ?? 'nothing').toMatch(/not a decimal number/);
    }
    expect(bodyFault(fold, authorization({ counted: [good] }))).toBeNull();
  });

  it('I3: gets an outcome only under its own number as it is written', () => {
    const fold = after(genesis(), policy(), authorization());
    expect(bodyFault(fold, { type: 'recovered', authorization: '2' })).toBeNull();
    for (const text of ['02', '+2', '2.0', ' 2', '0x2', '2e0']) {
      expect(bodyFault(fold, { type: 'recovered', authorization: text }) ?? 'nothing').toMatch(/not waiting/);
    }
  });
});

describe('an authorization whose message is no text', () => {
  it.each([{ length: 1 }, ['AAAA'], 7, null])('is none: %j', (message) => {
    const body = authorization({ message: message as unknown as string });
    expect(bodyFault(new Fold(), body)).toBe('the message is no text');
  });
});
