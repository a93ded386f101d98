import { BATCH } from './token-layouts.js';

/** Slices of one Batch (`255, {accounts u8, length u8, data}…`): where each inner instruction lies. */
export interface InnerSlice {
  readonly accountsFrom: number;
  readonly accountsTo: number;
  readonly dataFrom: number;
  readonly dataTo: number;
}

export type Batch =
  { readonly slices: readonly InnerSlice[] } | { readonly count: number } | { readonly problem: string };

/**
 * Splits a Batch into its inner instructions, or says why not. They are counted first: a v1 message has room for
 * over a thousand, and none is built when there are more than `room`. Accounts are taken in order; the chain
 * ignores those left over, here none may be.
 */
export function splitBatch(data: Uint8Array, accounts: number, room: number): Batch {
  const count = countInner(data);
  if (count === null) return { problem: 'an instruction inside the Batch is cut short' };
  if (count === 0) return { problem: 'the Batch is empty' };
  if (count > room) return { count };
  const slices: InnerSlice[] = [];
  let account = 0;
  let offset = 1;
  while (offset < data.length) {
    const accountsTo = account + (data[offset] ?? 0);
    const dataFrom = offset + 2;
    const dataTo = dataFrom + (data[offset + 1] ?? 0);
    if (accountsTo > accounts) return { problem: 'an instruction inside the Batch lacks accounts' };
    if (data[dataFrom] === BATCH && dataTo > dataFrom) return { problem: 'a Batch inside a Batch' };
    slices.push({ accountsFrom: account, accountsTo, dataFrom, dataTo });
    account = accountsTo;
    offset = dataTo;
  }
  if (account !== accounts) return { problem: 'the Batch has accounts that no instruction takes' };
  return { slices };
}

function countInner(data: Uint8Array): number | null {
  let count = 0;
  let offset = 1;
  while (offset < data.length) {
    const length = data[offset + 1];
    if (length === undefined) return null;
    offset += 2 + length;
    count++;
  }
  return offset === data.length ? count : null;
}
