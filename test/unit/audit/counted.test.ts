import { describe, expect, it } from 'vitest';
import { Originals } from '../../../src/audit/check/originals.js';
import type { AuthorizationBody, Counted } from '../../../src/ledger/entries.js';
import { running, found } from '../../support/audit/found.js';
import { attestation, authorization, FEE } from '../../support/audit/history.js';
import type { LedgerWriter } from '../../support/audit/ledger-writer.js';

const MINUTE = 60_000;
const fee = FEE.toString();
const count = (unit: string, amount: string): Counted => ({ unit, amount });

/** A ledger whose entry 3 is an attestation, and its id. */
function opened(): { readonly ledger: LedgerWriter; readonly id: string } {
  const ledger = running();
  const warrant = attestation(ledger.time);
  ledger.add(warrant);
  return { ledger, id: warrant.id };
}

describe('what an authorization counted', () => {
  const counting = async (...counted: readonly Counted[]): Promise<readonly string[]> => {
    const { ledger, id } = opened();
    ledger.add(authorization(id, 0, 1000n, { counted }));
    return found(ledger);
  };
  const whole = [count('SOL', fee), count('fee', fee), count('transactions', '1')];

  it('is its transaction and its fee, the fee in SOL too, at least', async () => {
    expect(await counting(...whole)).toEqual([]);
    expect(await counting(...whole, count('USDC', '5'))).toEqual([]);
  });

  it.each([
    ['nothing', [], 'the transaction is not counted as one'],
    ['no transaction', whole.slice(0, 2), 'the transaction is not counted as one'],
    ['two', [...whole.slice(0, 2), count('transactions', '2')], 'the transaction is not counted as one'],
    ['a unit twice', [...whole, count('SOL', fee)], 'a unit is counted twice'],
    [
      'another fee',
      [count('SOL', fee), count('fee', '1'), count('transactions', '1')],
      `the fee is ${fee}, 1 is counted`,
    ],
    [
      'less SOL than the fee',
      [count('SOL', String(FEE - 1n)), ...whole.slice(1)],
      'the fee is not counted in SOL',
    ],
  ])('is found wrong: %s', async (_name, counted, message) => {
    expect(await counting(...counted)).toEqual([`counted 4: ${message}`]);
  });
});

describe('a repeat', () => {
  /** An original at sequence 4, `after` milliseconds, then a repeat of it with `over`. */
  const repeating = async (
    over: Partial<AuthorizationBody> = {},
    after = 0,
    between?: (ledger: LedgerWriter, id: string) => void,
  ): Promise<readonly string[]> => {
    const { ledger, id } = opened();
    ledger.add(authorization(id, 0));
    ledger.time += after;
    between?.(ledger, id);
    ledger.add({ ...authorization(id, 0), counted: [], repeats: '4', ...over });
    return (await found(ledger)).filter((damage) => damage.startsWith('counted'));
  };
  const none = (repeats: string): string =>
    `it repeats ${repeats}, which is no authorization of the same bytes remembered then`;

  it('counts nothing, for ten minutes', async () => {
    expect(await repeating()).toEqual([]);
    expect(await repeating({}, 10 * MINUTE - 10)).toEqual([]);
    expect(await repeating({}, 10 * MINUTE - 9)).toEqual([`counted 5: ${none('4')}`]);
  });

  it.each<[string, Partial<AuthorizationBody>]>([
    ['of other bytes', { message: authorization('', 1).message }],
    ['of another workload', { workload: 'spiffe://dev.chancery.local/other' }],
    ['of another purpose', { purpose: 'vote' }],
    ['of another key', { publicKey: '9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin' }],
  ])('is found: %s', async (_name, over) => {
    expect(await repeating(over)).toEqual([`counted 5: ${none('4')}`]);
  });

  it('of another entry than the original is found', async () => {
    expect(await repeating({ repeats: '3' })).toEqual([`counted 5: ${none('3')}`]);
  });

  it('that counts is found', async () => {
    expect(await repeating({ counted: [count('SOL', '1')] })).toEqual([
      'counted 5: a repeat counted something',
    ]);
  });

  it('is no original: it neither prolongs the memory nor can be repeated', async () => {
    const again = (ledger: LedgerWriter, id: string): void => {
      ledger.add({ ...authorization(id, 0), counted: [], repeats: '4' });
    };
    expect(await repeating({ repeats: '5' }, 0, again)).toEqual([`counted 6: ${none('5')}`]);
    const later = (ledger: LedgerWriter, id: string): void => {
      again(ledger, id);
      ledger.time += 9 * MINUTE;
    };
    expect(await repeating({}, 9 * MINUTE, later)).toEqual([`counted 6: ${none('4')}`]);
  });

  it('names the newest that counted', async () => {
    const anew = (ledger: LedgerWriter, id: string): void => void ledger.add(authorization(id, 0));
    expect(await repeating({ repeats: '5' }, 0, anew)).toEqual([]);
    expect(await repeating({ repeats: '4' }, 0, anew)).toEqual([`counted 6: ${none('4')}`]);
  });
});

describe('Originals', () => {
  it('forget the oldest beyond 100,000 a key, as the daemon does', () => {
    const originals = new Originals();
    for (let n = 0; n < 100_000; n++) originals.remember('key', String(n), { sequence: n, time: 0 });
    originals.remember('other', 'x', { sequence: 1, time: 0 });
    expect(originals.find('key', '0', 0)?.sequence).toBe(0);
    originals.remember('key', 'one more', { sequence: 100_000, time: 0 });
    expect(originals.find('key', '0', 0)).toBeNull();
    expect(originals.find('key', '1', 0)?.sequence).toBe(1);
    // What counted anew is the newest again.
    originals.remember('key', '1', { sequence: 100_001, time: 0 });
    originals.remember('key', 'two more', { sequence: 100_002, time: 0 });
    expect(originals.find('key', '1', 0)?.sequence).toBe(100_001);
    expect(originals.find('key', '2', 0)).toBeNull();
  });
});
