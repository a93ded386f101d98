import type { KeyContext } from './assessment.js';

/** Bytes the chain adds to every account when it computes rent. */
const ACCOUNT_OVERHEAD = 128n;
/** Size of a Token account, the size `KeyContext.tokenAccountRent` is for. */
const TOKEN_ACCOUNT_BYTES = 165n;

/** Lamports that keep an account of `bytes` rent-exempt, at the rate the policy states for a token account. */
export function rentFor(bytes: bigint, context: KeyContext): bigint {
  const reference = ACCOUNT_OVERHEAD + TOKEN_ACCOUNT_BYTES;
  return (context.tokenAccountRent * (ACCOUNT_OVERHEAD + bytes) + reference - 1n) / reference;
}
