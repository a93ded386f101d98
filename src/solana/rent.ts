import type { DeclaredMint, KeyContext } from './assessment.js';
import { PROGRAM_IDS } from './program-names.js';

/** Bytes the chain adds to every account when it computes rent. */
const ACCOUNT_OVERHEAD = 128n;
/** Size of a Token account, the size `KeyContext.tokenAccountRent` is for. */
const TOKEN_ACCOUNT_BYTES = 165n;

/** Lamports that keep an account of `bytes` rent-exempt, at the rate the policy states for a token account. */
export function rentFor(bytes: bigint, context: Pick<KeyContext, 'tokenAccountRent'>): bigint {
  const reference = ACCOUNT_OVERHEAD + TOKEN_ACCOUNT_BYTES;
  return (context.tokenAccountRent * (ACCOUNT_OVERHEAD + bytes) + reference - 1n) / reference;
}

/**
 * The largest account that Token-2022 opens by itself: 165 + 1, and per extension 4 bytes and its value
 * (immutable owner 0, transfer fee 8, non-transferable 0, hook 1, pausable 0) is 195; rounded up.
 */
const TOKEN_2022_ACCOUNT_BYTES = 200n;

/** The smallest: every associated account of Token-2022 has an immutable owner. */
const LEAST_TOKEN_2022_ACCOUNT_BYTES = 170n;

/** Lamports below which no Token-2022 account is opened: a smaller figure for one would count too little. */
export function leastToken2022Rent(context: Pick<KeyContext, 'tokenAccountRent'>): bigint {
  return rentFor(LEAST_TOKEN_2022_ACCOUNT_BYTES, context);
}

/** Lamports counted for opening an account of a declared mint. Token has one size, whatever is declared. */
export function accountRentOf(mint: DeclaredMint, context: Pick<KeyContext, 'tokenAccountRent'>): bigint {
  if (mint.program === PROGRAM_IDS.token) return context.tokenAccountRent;
  return mint.accountRent ?? rentFor(TOKEN_2022_ACCOUNT_BYTES, context);
}
