import type { Pubkey } from '../../core/pubkey.js';
import type { Failure } from '../../core/errors.js';
import { refusalOf, type Call } from './call.js';

/** The account in a role, or the refusal to give: too few accounts, or a table that is not pinned. */
export type Role = { readonly account: Pubkey } | { readonly refusal: Failure };

export function role(call: Call, position: number, what: string): Role {
  const account = call.accounts[position];
  if (account === undefined) {
    return { refusal: refusalOf(call, 'INSTRUCTION_NOT_ALLOWED', `the account for the ${what} is missing`) };
  }
  if (account === null) {
    const message = `the ${what} comes from a lookup table whose contents the policy does not pin`;
    return { refusal: refusalOf(call, 'UNRESOLVED_LOOKUP', message) };
  }
  return { account };
}
