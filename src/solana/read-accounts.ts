import { ReadError, type ByteReader } from '../core/byte-reader.js';
import { PUBKEY_BYTES, pubkeyAt, type Pubkey } from '../core/pubkey.js';
import { MAX_ACCOUNTS } from './limits.js';

/** The rules of `sanitize`: at least one writable signer, and no more of a kind than there are accounts. */
export function checkHeader(
  signatures: number,
  readonlySigned: number,
  readonlyUnsigned: number,
  accounts: number,
  offset: number,
): void {
  if (signatures === 0) throw new ReadError('a transaction needs a signer', 0);
  if (readonlySigned >= signatures) throw new ReadError('the fee payer must be a writable signer', 0);
  if (accounts > MAX_ACCOUNTS) {
    throw new ReadError(`${String(accounts)} accounts, at most ${String(MAX_ACCOUNTS)}`, offset);
  }
  if (signatures + readonlyUnsigned > accounts) {
    throw new ReadError('the header counts more accounts than the message has', offset);
  }
}

/** Distinct keys only: a key listed twice has two privilege levels, and decoders differ on which holds. */
export function readAccounts(reader: ByteReader, count: number): Pubkey[] {
  const start = reader.offset;
  const raw = reader.take(count * PUBKEY_BYTES, 'the accounts');
  const accounts: Pubkey[] = [];
  const seen = new Set<Pubkey>();
  for (let index = 0; index < count; index++) {
    const key = pubkeyAt(raw, index * PUBKEY_BYTES);
    if (seen.has(key)) throw new ReadError('an account stands twice', start + index * PUBKEY_BYTES);
    seen.add(key);
    accounts.push(key);
  }
  return accounts;
}

/** Programs are static and never the fee payer. */
export function programAt(accounts: readonly Pubkey[], index: number, offset: number): Pubkey {
  const program = accounts[index];
  if (index === 0) throw new ReadError('the fee payer cannot be a program', offset);
  if (program === undefined) throw new ReadError('a program index is not that of a static account', offset);
  return program;
}

export function checkIndices(indices: readonly number[], total: number, offset: number): void {
  for (const index of indices) {
    if (index >= total) {
      throw new ReadError(`account index ${String(index)} of ${String(total)} in an instruction`, offset);
    }
  }
}
