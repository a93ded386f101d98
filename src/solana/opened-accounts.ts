import { pubkeyAt, type Pubkey } from '../core/pubkey.js';
import type { Debit, KeyContext } from './assessment.js';
import { PROGRAM_IDS } from './program-names.js';
import type { Call } from './programs/call.js';

/**
 * Accounts that this very message opens for the key: paid by CreateAccount for the Token or Stake program, then
 * initialised in the name of the key. Nobody else can come between, since a transaction is atomic and a second
 * initialisation fails; so their lamports, though spent, go to no stranger.
 */
export function openedForKey(calls: readonly Call[], context: KeyContext): ReadonlySet<Pubkey> {
  const created = new Map<Pubkey, Pubkey>();
  const opened = new Set<Pubkey>();
  for (const call of calls) {
    if (call.program === PROGRAM_IDS.system) {
      const creation = creationOf(call);
      if (creation !== null) created.set(creation.account, creation.owner);
      continue;
    }
    const account = call.accounts[0];
    // Created for another program, it could be emptied before it comes to this one.
    if (account != null && created.get(account) === call.program && initialisesForKey(call, context.key)) {
      opened.add(account);
    }
  }
  return opened;
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
