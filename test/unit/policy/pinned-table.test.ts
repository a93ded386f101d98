import { describe, expect, it } from 'vitest';
import { parseAddress, toAddress } from '../../../src/core/pubkey.js';
import { agreedTable, pinNotes, type Told } from '../../../src/policy/pinned-table.js';
import { LOOKUP_PROGRAM, tableData, type TableText } from '../../support/lookup-table.js';
import { addressOf, pubkeyOf, USDC_MINT } from '../../support/policy-text.js';
import { thrown } from '../../support/thrown.js';

const BOB = addressOf('bob');
const told = (data: Uint8Array, slot: number | null = 100, owner = LOOKUP_PROGRAM): Told => ({
  source: 'a.example',
  account: { owner: parseAddress(owner)!, data, slot },
});
const table = (text: Partial<TableText> = {}): Buffer => tableData({ addresses: [BOB, USDC_MINT], ...text });
const changed = (offset: number, ...bytes: readonly number[]): Buffer => {
  const data = table();
  data.set(bytes, offset);
  return data;
};

describe('the account of a lookup table', () => {
  it('is its addresses in order, its authority and its last change', () => {
    const { table: read, slot } = agreedTable([
      told(table({ authority: BOB, extendedAt: 77n, extendedFrom: 1 }), 100),
      told(table({ authority: BOB, extendedAt: 77n, extendedFrom: 1 }), 98),
    ]);
    expect(read.addresses.map(toAddress)).toEqual([BOB, USDC_MINT]);
    expect(read).toMatchObject({ authority: pubkeyOf('bob'), extendedAt: 77n, extendedFrom: 1 });
    expect(slot).toBe(98);
  });

  it('of 256 addresses is full', () => {
    const addresses = Array.from({ length: 256 }, () => BOB);
    expect(agreedTable([told(table({ addresses }))]).table.addresses).toHaveLength(256);
  });

  it.each<[string, Told, string]>([
    ['another owner', told(table(), 1, '11111111111111111111111111111111'), 'belongs to'],
    ['trailing bytes', told(Buffer.concat([table(), Buffer.alloc(1)])), 'end within one'],
    ['half a header', told(table().subarray(0, 40)), 'no lookup table'],
    ['nothing', told(Buffer.alloc(0)), 'no lookup table'],
    ['an uninitialised table', told(changed(0, 0)), 'type 0'],
    ['another type', told(changed(0, 1, 1)), 'type 257'],
    ['an authority that is neither', told(changed(21, 2)), 'neither there nor not'],
    ['bytes in the padding', told(changed(55, 1)), 'padding'],
    ['bytes where a frozen table has no authority', told(changed(30, 1)), 'padding'],
    ['257 addresses', told(table({ addresses: Array.from({ length: 257 }, () => BOB) })), 'at most 256'],
    ['no address', told(table({ addresses: [] })), 'empty'],
    ['a start past the end', told(table({ extendedFrom: 3 })), 'start index'],
    ['a deactivated table', told(table({ deactivatedAt: 9n })), 'deactivated in slot 9'],
  ])('%s is refused', (_name, source, why) => {
    const error = thrown(() => agreedTable([source]));
    expect(error.code).toBe('RESPONSE_INVALID');
    expect(error.message).toContain(why);
  });

  it.each<[string, Told]>([
    ['one address', told(table({ addresses: [BOB, BOB] }))],
    ['the order', told(table({ addresses: [USDC_MINT, BOB] }))],
    ['one address more', told(table({ addresses: [BOB, USDC_MINT, BOB] }))],
    ['the authority', told(table({ authority: BOB }))],
    ['the owner', told(table(), 100, '11111111111111111111111111111111')],
  ])('sources that differ in %s do not agree', (_name, other) => {
    for (const pair of [
      [told(table()), other],
      [told(table()), told(table()), other],
    ]) {
      const error = thrown(() => agreedTable(pair));
      expect(error.code).toBe('RESPONSE_INVALID');
      expect(error.message).toContain('do not agree');
    }
  });
});

describe('what is said of a pinned table', () => {
  const notes = (text: Partial<TableText>, before: readonly string[] | null = null): string =>
    pinNotes(
      agreedTable([told(table(text))]),
      before === null ? null : before.map((address) => parseAddress(address)!),
    ).join('\n');

  it('who can still change it, and what that means', () => {
    expect(notes({})).toContain('frozen');
    expect(notes({ authority: BOB })).toContain(`${BOB} can still append`);
  });
  it('that it was extended in this very slot', () => {
    expect(notes({ extendedAt: 100n, extendedFrom: 1 })).toContain(
      'from index 1 on can be used from the next',
    );
    expect(notes({ extendedAt: 99n })).not.toContain('next slot');
  });
  it('what it adds to what is pinned; a table that shrank or changed is refused', () => {
    expect(notes({}, [BOB, USDC_MINT])).toContain('the same as is pinned');
    expect(notes({}, [BOB])).toContain('1 more than is pinned');
    for (const before of [[USDC_MINT], [BOB, USDC_MINT, BOB]]) {
      expect(thrown(() => notes({}, before)).code).toBe('RESPONSE_INVALID');
    }
  });
});
