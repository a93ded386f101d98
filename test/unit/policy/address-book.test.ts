import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../../src/core/pubkey.js';
import { AddressBook } from '../../../src/policy/address-book.js';
import { deriveAssociatedTokenAccount } from '../../../src/solana/derive.js';
import { NATIVE_MINT } from '../../../src/solana/native-mint.js';
import { PROGRAM_IDS } from '../../../src/solana/program-names.js';
import { STRANGER } from '../../support/site/transfer.js';

describe('an address book', () => {
  const wallet = parseAddress(STRANGER)!;
  const wrapped = deriveAssociatedTokenAccount(wallet, PROGRAM_IDS.token, NATIVE_MINT);

  it('keeps what was worked out ahead of time, for lists as for one wallet', () => {
    const book = new AddressBook([]);
    book.derive(STRANGER);
    expect(book.accountsOf(wallet)).toEqual([wallet, wrapped]);
    expect(book.accountsOf(wallet)).toBe(book.accountsOf(wallet));
    expect(book.listed([STRANGER]).has(wrapped)).toBe(true);
    expect(book.listed([STRANGER]).has(NATIVE_MINT)).toBe(false);
  });

  it('takes no notice of what is no address', () => {
    const book = new AddressBook([]);
    book.derive('no address');
    expect(book.listed(['no address']).has(wallet)).toBe(false);
  });
});
