import { wellKnown, type Pubkey } from '../../src/core/pubkey.js';
import { PROGRAM_IDS } from '../../src/solana/program-names.js';
import type { Swap } from './profiles.js';
import { key, u64, type TestInstruction } from './solana-build.js';

/** Swaps written by hand, account by account: what the SDKs of these programs send, for the profiles' tests. */

const DLMM = wellKnown('LBUZKhRxPF3XUpBCjp4YzTKgLccjZhTSDM9YuVaPwxo');
const DBC = wellKnown('dbcij3LWUppWqq96dh6gJWwBifmcGfLSB5D4DuSMaqN');
const DBC_AUTHORITY = wellKnown('FhVo3mqL8PW5pH5U2CN4XE33DokiyZnUwuGpH2hmHLuM');
const DYNAMIC_AMM = wellKnown('Eo7WjKq67rjJQSZxS6z3YkapzY3eMj6Xy8X5EQVn5UaB');
const PUMP_AMM = wellKnown('pAMMBay6oceH9fJKBRHGP5D4bD4sWpmSwMn52FMfXEA');
const PUMP = wellKnown('6EF8rrecthR5Dkzon8Nwu78hRvfCKubJ14M5uBEwF6P');
const PUMP_FEES = wellKnown('pfeeUxB6jkeY1Hxd7CsFCAjcbHA9rWtchMGdZ6VojVZ');
const STABBLE = {
  stable: wellKnown('swapNyd8XiQwJ6ianp9snpu4brUqFxadzvHebnAXjJZ'),
  weighted: wellKnown('swapFpHZwjELNnjvThjajtiVmkz3yPQEHjLtka2fwHW'),
};
const { token } = PROGRAM_IDS;

/** Accounts of the pool and of its program, which are nobody's here. */
const theirs = (count: number, first = 0): readonly Pubkey[] =>
  Array.from({ length: count }, (_, index) => key(8200 + first + index));

function call(
  program: Pubkey,
  discriminator: string,
  accounts: readonly Pubkey[],
  ...data: readonly Uint8Array[]
): TestInstruction {
  return { program, accounts, data: Buffer.concat([Buffer.from(discriminator, 'hex'), ...data]) };
}

export function dlmmSwap(swap: Swap, version: 1 | 2 = 1, host: Pubkey = DLMM): TestInstruction {
  const accounts = [
    ...theirs(4),
    ...[swap.input, swap.output],
    ...theirs(3, 4),
    ...[host, swap.key, token, token],
    ...(version === 2 ? [PROGRAM_IDS.memo] : []),
    ...[key(8207), DLMM],
    ...theirs(3, 8),
  ];
  const amounts = [u64(swap.amount), u64(swap.least)];
  if (version === 1) return call(DLMM, 'f8c69e91e17587c8', accounts, ...amounts);
  // No slices of remaining accounts: there are no transfer hooks.
  return call(DLMM, '414b3f4ceb5b5b88', accounts, ...amounts, Buffer.alloc(4));
}

/** `swap` of the Dynamic Bonding Curve; `mode` makes it `swap2`. */
export function dbcSwap(swap: Swap, mode: number | null = null, referral: Pubkey = DBC): TestInstruction {
  const accounts = [
    ...[DBC_AUTHORITY, ...theirs(2), swap.input, swap.output, ...theirs(4, 2)],
    ...[swap.key, token, token, referral, key(8206), DBC],
  ];
  const amounts = [u64(swap.amount), u64(swap.least)];
  if (mode === null) return call(DBC, 'f8c69e91e17587c8', accounts, ...amounts);
  return call(DBC, '414b3f4ceb5b5b88', accounts, ...amounts, Buffer.of(mode));
}

export function dynamicAmmSwap(swap: Swap): TestInstruction {
  const accounts = [key(8200), swap.input, swap.output, ...theirs(9, 1), swap.key, key(8210), token];
  return call(DYNAMIC_AMM, 'f8c69e91e17587c8', accounts, u64(swap.amount), u64(swap.least));
}

type PumpKind = 'buy' | 'buy-exact' | 'sell';
const PUMP_CALLS = { buy: '66063d1201daebea', sell: '33e685a4017f83ad' } as const;

/** The base is bought with the quote: what `swap` calls its input is the quote, unless it is a sale. */
export function pumpAmmSwap(swap: Swap, kind: PumpKind): TestInstruction {
  const [base, quote] = kind === 'sell' ? [swap.input, swap.output] : [swap.output, swap.input];
  const accounts = [
    ...[key(8200), swap.key, ...theirs(3, 1), base, quote, ...theirs(4, 4), token, token],
    ...[PROGRAM_IDS.system, PROGRAM_IDS['associated-token'], key(8208), PUMP_AMM],
    ...(kind === 'sell' ? theirs(3, 9) : theirs(5, 9)),
    PUMP_FEES,
    ...theirs(3, 20),
  ];
  const [amount, least] = [u64(swap.amount), u64(swap.least)];
  if (kind === 'sell') return call(PUMP_AMM, PUMP_CALLS.sell, accounts, amount, least);
  const track = Buffer.of(1);
  return kind === 'buy'
    ? call(PUMP_AMM, PUMP_CALLS.buy, accounts, least, amount, track)
    : call(PUMP_AMM, 'c62e1552b4d9e870', accounts, amount, least, track);
}

/** SOL of the key against the token of a curve: `swap.output` is the token's account, or `swap.input` in a sale. */
export function pumpSwap(swap: Swap, kind: PumpKind): TestInstruction {
  const own = kind === 'sell' ? swap.input : swap.output;
  const vault = kind === 'sell' ? [key(8205), token] : [token, key(8205)];
  const accounts = [
    ...[...theirs(5), own, swap.key, PROGRAM_IDS.system, ...vault, key(8206), PUMP],
    ...(kind === 'sell' ? theirs(1, 7) : theirs(3, 7)),
    PUMP_FEES,
    ...theirs(2, 20),
  ];
  const [amount, least] = [u64(swap.amount), u64(swap.least)];
  if (kind === 'sell') return call(PUMP, PUMP_CALLS.sell, accounts, amount, least);
  const track = Buffer.of(0);
  return kind === 'buy'
    ? call(PUMP, PUMP_CALLS.buy, accounts, least, amount, track)
    : call(PUMP, '38fc74089edfcd5f', accounts, amount, least, track);
}

/** `some: false` leaves the amount out, which may mean all there is. */
export function stabbleSwap(
  swap: Swap,
  pool: keyof typeof STABBLE,
  version: 1 | 2 = 1,
  some = true,
): TestInstruction {
  const accounts = [
    swap.key,
    ...(version === 2 ? theirs(2, 20) : []),
    ...[swap.input, swap.output, ...theirs(8), token],
    ...(version === 2 ? [PROGRAM_IDS['token-2022']] : []),
  ];
  const amount = some ? [Buffer.of(1), u64(swap.amount)] : [Buffer.of(0)];
  const discriminator = version === 2 ? '2b04ed0b1ac91e62' : 'f8c69e91e17587c8';
  return call(STABBLE[pool], discriminator, accounts, ...amount, u64(swap.least));
}
