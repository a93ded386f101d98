import { toAddress, type Pubkey } from '../../core/pubkey.js';
import type { Debit, KeyContext } from '../assessment.js';
import { mintId } from '../key-context.js';
import { PROGRAM_IDS } from '../program-names.js';
import { accountRentOf } from '../rent.js';
import { role } from './accounts-of.js';
import { refusalOf, refused, type Call, type Finding } from './call.js';
import { SOL } from './own.js';

/** Positions: payer, associated account, wallet, mint, system program, token program (a rent sysvar once followed). */
const PAYER = 0;
const WALLET = 2;
const MINT = 3;
const TOKEN_PROGRAM = 5;
const ACCOUNTS = 6;

/**
 * Opens an account for a wallet with the payer's lamports: no transfer is visible, the rent is gone all the same,
 * to whoever may close the account. Counted in full even when the account exists already. The token program
 * decides the size, so it must be one of the two real ones.
 */
export function readAssociatedToken(call: Call, context: KeyContext): Finding {
  const { data } = call;
  if (data.length > 1)
    return refused(call, null, 'an associated token account instruction has at most one byte');
  switch (data[0] ?? 0) {
    case 0:
      return create(call, context, 'Create');
    case 1:
      return create(call, context, 'CreateIdempotent');
    case 2:
      return call.touchesKey
        ? refused(call, 'RecoverNested', 'RecoverNested is not allowed: it moves a whole balance')
        : { name: 'RecoverNested' };
    default:
      return refused(call, null, 'unknown associated token account instruction');
  }
}

function create(call: Call, context: KeyContext, name: string): Finding {
  if (call.accounts.length < ACCOUNTS) return refused(call, name, `${name} lacks accounts`);
  if (call.accounts[PAYER] !== context.key) return { name };
  const wallet = role(call, WALLET, 'wallet');
  if ('refusal' in wallet) return { name, refusals: [wallet.refusal] };
  const program = role(call, TOKEN_PROGRAM, 'token program');
  if ('refusal' in program) return { name, refusals: [program.refusal] };
  const rent = rentOf(call, context, name, program.account);
  if (typeof rent !== 'bigint') return rent;
  const debit: Debit = {
    asset: SOL,
    amount: rent,
    reason: 'rent',
    source: context.key,
    destination: wallet.account === context.key ? null : wallet.account,
    own: false,
  };
  return {
    name,
    debits: [debit],
    details: () => [
      ['rent', `${rent.toString()} lamports`],
      ['wallet', toAddress(wallet.account)],
    ],
  };
}

function rentOf(call: Call, context: KeyContext, name: string, program: Pubkey): bigint | Finding {
  if (program === PROGRAM_IDS.token) return context.tokenAccountRent;
  if (program !== PROGRAM_IDS['token-2022']) {
    return refused(call, name, `${name} names a token program that is neither Token nor Token-2022`);
  }
  const mint = role(call, MINT, 'mint');
  if ('refusal' in mint) return { name, refusals: [mint.refusal] };
  const declared = context.mints.get(mintId(program, mint.account));
  if (declared === undefined) {
    // Its extensions, and so the size of the account, are unknown.
    const message = `${toAddress(mint.account)} is a Token-2022 mint that the policy does not declare`;
    return { name, refusals: [refusalOf(call, 'ASSET_NOT_ALLOWED', message)] };
  }
  return accountRentOf(declared, context);
}
