import { pubkeyAt, type Pubkey } from '../core/pubkey.js';
import type { Debit, KeyContext } from './assessment.js';
import { PROGRAM_IDS } from './program-names.js';
import type { Call } from './programs/call.js';

/**
 * Accounts that this very message opens for the key: paid by CreateAccount for the Token or Stake program, then
 * initialised in the name of the key. So their lamports, though spent, go to no stranger.
 *
 * Created once in the message, and named by no call before the one that initialises it: an account can be opened for
 * a stranger, emptied by him (CloseAccount, Withdraw) and opened again within one transaction, before it is the key's
 * or after.
 */
export function openedForKey(calls: readonly Call[], context: KeyContext): ReadonlySet<Pubkey> {
  const created = new Map<Pubkey, { readonly owner: Pubkey; stage: 'created' | 'opened' | 'lost' }>();
  for (const call of calls) {
    const creation = call.program === PROGRAM_IDS.system ? creationOf(call) : null;
    if (created.size > 0) {
      for (const [position, account] of call.accounts.entries()) {
        const found = account === null ? undefined : created.get(account);
        if (found === undefined) continue;
        const opens = position === 0 && call.program === found.owner && initialisesForKey(call, context.key);
        if (found.stage === 'created') found.stage = opens ? 'opened' : 'lost';
        if (account === creation?.account) found.stage = 'lost';
      }
    }
    if (creation !== null && !created.has(creation.account)) {
      created.set(creation.account, { owner: creation.owner, stage: 'created' });
    }
  }
  return new Set([...created].filter(([, { stage }]) => stage === 'opened').map(([account]) => account));
}

/** The owner stands last in the data of each of the three CreateAccount instructions. */
function creationOf(call: Call): { readonly account: Pubkey; readonly owner: Pubkey } | null {
  const { data } = call;
  const tag = data[0];
  if (data.length < 52 || (tag !== 0 && tag !== 3 && tag !== 13)) return null;
  const account = call.accounts[tag === 13 ? 0 : 1];
  return account == null ? null : { account, owner: pubkeyAt(data, data.length - 32) };
}

function initialisesForKey(call: Call, key: Pubkey): boolean {
  const { data } = call;
  if (call.program === PROGRAM_IDS.token) {
    if (data[0] === 1 && data.length === 1) return call.accounts[2] === key;
    return (data[0] === 16 || data[0] === 18) && data.length === 33 && pubkeyAt(data, 1) === key;
  }
  if (call.program !== PROGRAM_IDS.stake || data.length < 4) return false;
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const tag = view.getUint32(0, true);
  if (tag === 9 && data.length === 4) return call.accounts[2] === key && call.accounts[3] === key;
  return (
    tag === 0 &&
    data.length === 116 &&
    pubkeyAt(data, 4) === key &&
    pubkeyAt(data, 36) === key &&
    // No lockup: a custodian could otherwise hold the stake.
    view.getBigInt64(68, true) === 0n &&
    view.getBigUint64(76, true) === 0n
  );
}

/** The debit of a CreateAccount, without a stranger to judge when the account is opened for the key. */
export function withoutStranger(debit: Debit, opened: ReadonlySet<Pubkey>, context: KeyContext): Debit {
  if (debit.reason !== 'create-account' || debit.source !== context.key) return debit;
  return debit.destination !== null && opened.has(debit.destination)
    ? { ...debit, destination: null }
    : debit;
}
