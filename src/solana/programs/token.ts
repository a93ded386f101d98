import { toAddress, type Pubkey } from '../../core/pubkey.js';
import type { Debit, KeyContext } from '../assessment.js';
import { mintId } from '../key-context.js';
import { PROGRAM_IDS } from '../program-names.js';
import { role } from './accounts-of.js';
import { refused, type Call, type Finding } from './call.js';
import { assetOf } from './own.js';
import { TOKEN_LAYOUTS, type TokenInstruction } from './token-layouts.js';

const U64_BYTES = 8;

/**
 * SPL Token, tag u8. The key's authority is spent wherever it stands: as owner, as delegate, as close authority,
 * or as a member of a multisig behind the authority. So every call that names the key is judged, and whatever
 * outlives the transaction (approvals, authorities) is refused.
 */
export function readToken(call: Call, context: KeyContext): Finding {
  const { data } = call;
  const tag = data[0];
  if (tag === undefined) return refused(call, null, 'a token instruction needs a tag');
  const layout = TOKEN_LAYOUTS.get(tag);
  if (layout === undefined) return refused(call, null, `unknown token instruction ${String(tag)}`);
  const { name } = layout;
  if (!layout.lengths.includes(data.length)) return refused(call, name, `${name} has the wrong length`);
  if (call.accounts.length < layout.accounts) return refused(call, name, `${name} lacks accounts`);
  return call.touchesKey ? judge(call, context, name) : { name };
}

function judge(call: Call, context: KeyContext, name: TokenInstruction): Finding {
  switch (name) {
    case 'Transfer':
      return transferUnchecked(call, context);
    case 'TransferChecked':
      return transferChecked(call, context, name, { source: 0, mint: 1, destination: 2, amount: 1 });
    case 'Revoke':
    case 'SyncNative':
    case 'InitializeAccount':
    case 'InitializeAccount2':
    case 'InitializeAccount3':
    case 'InitializeImmutableOwner':
      return { name };
    case 'CloseAccount':
      // All lamports of the account go there, wrapped SOL included.
      return onlyToKey(call, context, name);
    case 'UnwrapLamports': {
      const some = call.data[1] === 1;
      if (call.data[1] !== 0 && !some) return refused(call, name, `${name} has no such option`);
      if (call.data.length !== (some ? 10 : 2)) return refused(call, name, `${name} has the wrong length`);
      return onlyToKey(call, context, name);
    }
    case 'Approve':
    case 'ApproveChecked':
      return refused(call, name, `${name} is not allowed: it can be drawn on after this transaction`);
    case 'SetAuthority':
      return refused(call, name, `${name} is not allowed: the account is lost with its balance unchanged`);
    case 'Burn':
    case 'BurnChecked':
      return refused(call, name, `${name} is not allowed: it destroys tokens`);
    case 'WithdrawExcessLamports':
      return refused(call, name, `${name} is not allowed: it takes all lamports above the rent`);
    case 'MintTo':
    case 'MintToChecked':
    case 'FreezeAccount':
    case 'ThawAccount':
    case 'InitializeMint':
    case 'InitializeMint2':
    case 'InitializeMultisig':
    case 'InitializeMultisig2':
      return refused(call, name, `${name} is not allowed: it is no business of a wallet`);
  }
}

function onlyToKey(call: Call, context: KeyContext, name: string): Finding {
  if (call.accounts[1] !== context.key) {
    return refused(call, name, `${name} must pay out to the key itself`);
  }
  return { name };
}

/** The mint is not in the message: it is known only for the key's own associated accounts. */
function transferUnchecked(call: Call, context: KeyContext): Finding {
  const name = 'Transfer';
  const source = role(call, 0, 'source');
  if ('refusal' in source) return { name, refusals: [source.refusal] };
  const own = context.ownTokenAccounts.get(source.account);
  if (own?.program !== call.program) {
    const why =
      'Transfer does not name its mint, and the source is not an associated account of a declared one';
    return refused(call, name, `${why}; use TransferChecked`);
  }
  return debit(call, context, name, source.account, own.mint, 1, 1);
}

/** Positions of the roles, and the offset of the amount (u64), which the decimals (u8) follow. */
export interface CheckedTransfer {
  readonly source: number;
  readonly mint: number;
  readonly destination: number;
  readonly amount: number;
}

export function transferChecked(call: Call, context: KeyContext, name: string, at: CheckedTransfer): Finding {
  const source = role(call, at.source, 'source');
  if ('refusal' in source) return { name, refusals: [source.refusal] };
  const mint = role(call, at.mint, 'mint');
  if ('refusal' in mint) return { name, refusals: [mint.refusal] };
  const declared = context.mints.get(mintId(call.program, mint.account))?.decimals;
  const decimals = call.data[at.amount + U64_BYTES];
  if (declared !== undefined && declared !== decimals) return wrongDecimals(call, name, declared);
  return debit(call, context, name, source.account, mint.account, at.destination, at.amount);
}

/**
 * The chain takes a checked transfer only with the mint's own decimals. Another number in the policy would make each of
 * its limits on the asset ten times, or a thousand times, what it says.
 */
function wrongDecimals(call: Call, name: string, declared: number): Finding {
  const why = `${name} names other decimals than the ${String(declared)} that the policy declares for its mint`;
  return refused(call, name, why);
}

function debit(
  call: Call,
  context: KeyContext,
  name: string,
  source: Pubkey,
  mint: Pubkey,
  destinationAt: number,
  amountAt: number,
): Finding {
  const receiver = role(call, destinationAt, 'destination');
  if ('refusal' in receiver) return { name, refusals: [receiver.refusal] };
  const destination = receiver.account;
  const { data } = call;
  const amount = new DataView(data.buffer, data.byteOffset, data.length).getBigUint64(amountAt, true);
  // Only under Token: a Token-2022 mint can take from its accounts (permanent delegate, fees, hooks).
  const target = context.ownTokenAccounts.get(destination);
  const own =
    target?.program === PROGRAM_IDS.token && call.program === target.program && target.mint === mint;
  const entry: Debit = {
    asset: assetOf(call.program, mint),
    amount,
    reason: 'transfer',
    source,
    destination,
    own,
  };
  return {
    name,
    debits: [entry],
    details: () => [
      ['amount', amount.toString()],
      ['mint', toAddress(mint)],
      ['from', toAddress(source)],
      ['to', toAddress(destination)],
    ],
  };
}
