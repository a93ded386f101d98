import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../../../src/core/canonical-json.js';
import { formatTime } from '../../../../src/core/clock.js';
import type { AuthorizationBody, Entry, EntryBody } from '../../../../src/ledger/entries.js';
import { encodeEntry, entryHash } from '../../../../src/ledger/entry-text.js';
import { bodyFault } from '../../../../src/ledger/fold/body-fault.js';
import { Fold } from '../../../../src/ledger/fold/fold.js';
import { Meters } from '../../../../src/ledger/fold/meters.js';
import { WINDOWS, type WindowName } from '../../../../src/ledger/state.js';
import { authorization, genesis, KEY, OTHER_KEY, WORKLOAD } from '../../../support/ledger-bodies.js';

const START = Date.parse('2026-01-01T00:00:00Z');
const DAY = 86_400_000;

function folded(): { fold: Fold; add: (body: EntryBody, after?: number) => void } {
  const fold = new Fold();
  const add = (body: EntryBody, after = 0): void => {
    const sequence = fold.size;
    const time = Math.max(START + after, fold.time);
    const entry: Entry = { ...body, sequence: String(sequence), previous: fold.head, time: formatTime(time) };
    const text = encodeEntry(entry);
    fold.apply({ entry, hash: entryHash(text), sequence, time, batch: sequence, bytes: text.length });
  };
  add(genesis());
  return { fold, add };
}

function debit(
  destination: string | undefined,
  amount: string,
  rest: { [key: string]: JsonValue } = {},
): JsonValue {
  return {
    asset: 'SOL',
    amount,
    reason: 'transfer',
    source: KEY,
    ...(destination === undefined ? {} : { destination }),
    ...rest,
  };
}

function paying(debits: readonly JsonValue[], rest: Partial<AuthorizationBody> = {}): AuthorizationBody {
  return authorization({ effects: [{ instruction: 0, program: 'system', debits }], ...rest });
}

const to = (
  fold: Fold,
  destination: string,
  unit = 'SOL',
  window: WindowName = '24h',
  publicKey = KEY,
): bigint => fold.spentBy({ kind: 'destination', publicKey, destination }, unit, window, fold.time);
const by = (fold: Fold, workload: string, unit = 'SOL', publicKey = KEY): bigint =>
  fold.spentBy({ kind: 'workload', publicKey, workload }, unit, '24h', fold.time);

it('I4: one authorization is counted in every unit, every window, and for everybody it is about', () => {
  const { fold, add } = folded();
  const counted = ['SOL', 'USDC', 'fee', 'transactions'].map((unit, index) => ({
    unit,
    amount: String(index + 1),
  }));
  add(paying([debit('bob', '7')], { counted }));
  const workload = { kind: 'workload', publicKey: KEY, workload: WORKLOAD } as const;
  for (const window of WINDOWS) {
    for (const { unit, amount } of counted) {
      expect(fold.spent(KEY, unit, window, fold.time), `${unit} in ${window}`).toBe(BigInt(amount));
      expect(fold.spentBy(workload, unit, window, fold.time), `${unit} in ${window}`).toBe(BigInt(amount));
    }
    expect(to(fold, 'bob', 'SOL', window), window).toBe(7n);
  }
});

describe('spend by workload', () => {
  it('is what the authorizations of that workload counted, by key and unit', () => {
    const { fold, add } = folded();
    add(authorization());
    add(authorization({ workload: 'spiffe://test/other', counted: [{ unit: 'SOL', amount: '7' }] }));
    add(authorization({ publicKey: OTHER_KEY, counted: [{ unit: 'SOL', amount: '11' }] }));
    expect([by(fold, WORKLOAD), by(fold, 'spiffe://test/other'), by(fold, 'spiffe://test/third')]).toEqual([
      5n,
      7n,
      0n,
    ]);
    expect(by(fold, WORKLOAD, 'transactions')).toBe(1n);
    expect(by(fold, WORKLOAD, 'SOL', OTHER_KEY)).toBe(11n);
    expect(fold.spent(KEY, 'SOL', '24h', fold.time)).toBe(12n);
  });
});

describe('spend by destination', () => {
  it('is the debits that it received, in every window, by key and unit', () => {
    const { fold, add } = folded();
    add(paying([debit('bob', '3'), debit('carol', '4'), debit('bob', '5')]));
    add(paying([debit('bob', '100', { asset: 'USDC' })]));
    add(paying([debit('bob', '1000')], { publicKey: OTHER_KEY }));
    for (const window of ['1m', '10m', '1h', '24h', '7d', '30d'] as const) {
      expect(to(fold, 'bob', 'SOL', window)).toBe(8n);
    }
    expect([to(fold, 'carol'), to(fold, 'bob', 'USDC'), to(fold, 'dave')]).toEqual([4n, 100n, 0n]);
    expect(to(fold, 'bob', 'SOL', '24h', OTHER_KEY)).toBe(1000n);
    // A workload of the same name is another subject.
    expect(by(fold, 'bob')).toBe(0n);
  });

  it('leaves out what nobody received, what is no spend, and repeats', () => {
    const { fold, add } = folded();
    add(
      paying([debit(undefined, '3', { reason: 'burn' }), debit('own', '4', { own: true, counted: false })]),
    );
    add(paying([debit('own', '6', { own: true })]));
    add(paying([debit('own', '6')], { repeats: '2', counted: [] }));
    expect(to(fold, 'own')).toBe(6n);
  });

  it('says when it drains, for one that was never paid too', () => {
    const { fold, add } = folded();
    add(paying([debit('bob', '3')]));
    const drains = (destination: string, room: bigint): number | null =>
      fold.drainsToBy({ kind: 'destination', publicKey: KEY, destination }, 'SOL', '24h', room, fold.time);
    expect(drains('bob', 3n)).toBe(fold.time);
    expect(drains('bob', 2n)).toBe(START + DAY + 15 * 60_000);
    expect([drains('carol', 0n), drains('carol', -1n)]).toEqual([fold.time, null]);
  });

  it('keeps 4,096 a window; what more is paid counts for all until it has drained', () => {
    const { fold, add } = folded();
    for (let n = 0; n < 4096; n++) add(paying([debit(`account ${String(n)}`, '1')]));
    expect(to(fold, 'nobody')).toBe(0n);
    add(paying([debit('one more', '7')]));
    expect([to(fold, 'one more'), to(fold, 'nobody'), to(fold, 'account 0')]).toEqual([7n, 7n, 8n]);
    add(paying([debit('account 0', '2')]), DAY / 2);
    add(paying([debit('new', '1')]), 2 * DAY);
    expect([to(fold, 'new'), to(fold, 'nobody'), to(fold, 'account 0')]).toEqual([1n, 0n, 0n]);
    // Longer windows hold it still.
    expect([to(fold, 'new', 'SOL', '7d'), to(fold, 'account 0', 'SOL', '7d')]).toEqual([8n, 11n]);
  });
});

describe('a meter that was filled', () => {
  it('is full for every key and everything below it, until its window has passed', () => {
    const meters = new Meters();
    const bob = { kind: 'destination', publicKey: KEY, destination: 'bob' } as const;
    meters.addBy(bob, 'SOL', 3n, START);
    meters.fill(START + 1000);
    const end = START + 1000 + DAY;
    for (const destination of ['bob', 'carol']) {
      const subject = { ...bob, destination };
      expect(meters.spentBy(subject, 'SOL', '24h', end - 1)).toBe(2n ** 64n - 1n);
      expect(meters.drainsToBy(subject, 'SOL', '24h', 5n, START + 2000)).toBe(end);
    }
    expect(meters.spent(KEY, 'SOL', '24h', end - 1)).toBe(2n ** 64n - 1n);
    // The oldest bucket still counts whole.
    expect(meters.spentBy(bob, 'SOL', '24h', end)).toBe(3n);
    expect(meters.spentBy({ ...bob, destination: 'carol' }, 'SOL', '24h', end)).toBe(0n);
    expect(meters.spentBy(bob, 'SOL', '7d', end)).toBe(2n ** 64n - 1n);
  });
});

describe('an authorization whose debits cannot be read', () => {
  it.each<[string, JsonValue]>([
    ['no list', { debits: 'all' }],
    ['no object', { debits: ['5 SOL'] }],
    ['no asset', { debits: [{ amount: '5', destination: 'bob' }] }],
    ['an amount that is no decimal text', { debits: [debit('bob', '0x5')] }],
    ['a number for an amount', { debits: [{ asset: 'SOL', amount: 5, destination: 'bob' }] }],
    ['a destination that is no text', { debits: [debit(undefined, '5', { destination: 7 })] }],
    ['a word for `counted` that is not known', { debits: [debit('bob', '5', { counted: 'later' })] }],
  ])('is refused: %s', (_name, effect) => {
    const { fold } = folded();
    expect(bodyFault(fold, authorization({ effects: [effect] }))).toBe(
      'a debit among the effects cannot be read',
    );
  });
});
