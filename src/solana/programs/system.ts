import { toAddress, type Pubkey } from '../../core/pubkey.js';
import type { Debit, DebitReason, KeyContext } from '../assessment.js';
import { role } from './accounts-of.js';
import { refusalOf, refused, type Call, type Finding } from './call.js';
import { isOwnWrappedSol, SOL } from './own.js';

/** Where the roles of a funding instruction stand, and where its lamports are in the data. */
interface Funding {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly lamports: number;
}

/**
 * The System program, tag u32 LE (bincode, as in solana-system-interface). Lamports that leave the key are
 * counted; whatever hands the key's account to another owner is refused, since the balance does not move and
 * the wallet is lost all the same.
 */
export function readSystem(call: Call, context: KeyContext): Finding {
  const { data } = call;
  if (data.length < 4) return refused(call, null, 'a system instruction needs a 4-byte tag');
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const tag = view.getUint32(0, true);
  switch (tag) {
    case 0:
      return exactly(call, 'CreateAccount', 52, () => create(call, context, 'CreateAccount', 0, 1, 4));
    case 1:
      return exactly(call, 'Assign', 36, () =>
        never(call, 'Assign', 'it gives the account to another owner'),
      );
    case 2:
      return exactly(call, 'Transfer', 12, () =>
        spend(call, context, { name: 'Transfer', from: 0, to: 1, lamports: 4 }, 'transfer'),
      );
    case 3:
      return withSeed(call, 'CreateAccountWithSeed', view, 36, 48, (lamports) =>
        create(call, context, 'CreateAccountWithSeed', 0, 1, lamports),
      );
    case 4:
      // Valid for ever, wherever it stands: the chain looks at instruction 0 only, and order is the caller's.
      return {
        name: 'AdvanceNonceAccount',
        refusals: [
          refusalOf(call, 'DURABLE_NONCE_NOT_ALLOWED', 'a durable nonce keeps a signature valid for ever'),
        ],
      };
    case 5:
      return exactly(call, 'WithdrawNonceAccount', 12, () =>
        never(call, 'WithdrawNonceAccount', 'it empties a nonce account'),
      );
    case 6:
      return exactly(call, 'InitializeNonceAccount', 36, () =>
        never(call, 'InitializeNonceAccount', 'it makes a durable nonce'),
      );
    case 7:
      return exactly(call, 'AuthorizeNonceAccount', 36, () =>
        never(call, 'AuthorizeNonceAccount', 'it gives a nonce account to another authority'),
      );
    case 8:
      return exactly(call, 'Allocate', 12, () =>
        never(call, 'Allocate', 'a wallet with data can no longer pay'),
      );
    case 9:
      return withSeed(call, 'AllocateWithSeed', view, 36, 40, () =>
        never(call, 'AllocateWithSeed', 'it allocates an account derived from the key'),
      );
    case 10:
      return withSeed(call, 'AssignWithSeed', view, 36, 32, () =>
        never(call, 'AssignWithSeed', 'it gives an account derived from the key to another owner'),
      );
    case 11:
      return withSeed(call, 'TransferWithSeed', view, 12, 32, () => transferWithSeed(call, context));
    case 12:
      return exactly(call, 'UpgradeNonceAccount', 4, () => ({ name: 'UpgradeNonceAccount' }));
    case 13:
      return exactly(call, 'CreateAccountAllowPrefund', 52, () =>
        create(call, context, 'CreateAccountAllowPrefund', 1, 0, 4),
      );
    default:
      return refused(call, null, `unknown system instruction ${String(tag)}`);
  }
}

/** The chain tolerates trailing bytes; here the data has one length. */
function exactly(call: Call, name: string, length: number, then: () => Finding): Finding {
  if (call.data.length !== length) return refused(call, name, `${name} has the wrong length`);
  return then();
}

/** Longest seed of `create_with_seed`. */
const MAX_SEED = 32;

/** Data with a seed: u64 length at `at`, the seed, then `rest` bytes, whose offset is passed on. */
function withSeed(
  call: Call,
  name: string,
  view: DataView,
  at: number,
  rest: number,
  then: (afterSeed: number) => Finding,
): Finding {
  if (view.byteLength < at + 8) return refused(call, name, `${name} is cut short`);
  const length = view.getBigUint64(at, true);
  if (length > BigInt(MAX_SEED)) return refused(call, name, `the seed of ${name} is longer than 32 bytes`);
  const afterSeed = at + 8 + Number(length);
  return exactly(call, name, afterSeed + rest, () => then(afterSeed));
}

/** Refused when the key takes part; somebody else's account is not the key's loss. */
function never(call: Call, name: string, why: string): Finding {
  return call.touchesKey ? refused(call, name, `${name} is not allowed: ${why}`) : { name };
}

function create(
  call: Call,
  context: KeyContext,
  name: string,
  from: number,
  to: number,
  lamports: number,
): Finding {
  if (call.accounts[to] === context.key) {
    return refused(
      call,
      name,
      `${name} is not allowed for the key's own account: it gives it to another owner`,
    );
  }
  return spend(call, context, { name, from, to, lamports }, 'create-account');
}

function spend(call: Call, context: KeyContext, funding: Funding, reason: DebitReason): Finding {
  const { name } = funding;
  if (call.accounts.length <= Math.max(funding.from, funding.to) && call.touchesKey) {
    return refused(call, name, `${name} lacks accounts`);
  }
  if (call.accounts[funding.from] !== context.key) return { name };
  const amount = lamportsAt(call, funding.lamports);
  return debit(call, context, name, context.key, funding.to, amount, reason);
}

/** The base signs for an account derived from it: that account's lamports are the key's. */
function transferWithSeed(call: Call, context: KeyContext): Finding {
  const name = 'TransferWithSeed';
  const source = role(call, 0, 'source');
  if (!call.touchesKey) return { name };
  if ('refusal' in source) return { name, refusals: [source.refusal] };
  if (source.account !== context.key && call.accounts[1] !== context.key) return { name };
  return debit(call, context, name, source.account, 2, lamportsAt(call, 4), 'transfer');
}

function debit(
  call: Call,
  context: KeyContext,
  name: string,
  source: Pubkey,
  to: number,
  amount: bigint,
  reason: DebitReason,
): Finding {
  const receiver = role(call, to, 'receiver');
  if ('refusal' in receiver) return { name, refusals: [receiver.refusal] };
  const destination = receiver.account;
  const own = isOwnWrappedSol(destination, context);
  const entry: Debit = {
    asset: SOL,
    amount,
    reason: own && reason === 'transfer' ? 'wrap' : reason,
    source,
    destination,
    own,
  };
  return {
    name,
    debits: destination === context.key ? [] : [entry],
    details: () => [
      ['amount', `${amount.toString()} lamports`],
      ['from', toAddress(source)],
      ['to', toAddress(destination)],
    ],
  };
}

function lamportsAt(call: Call, offset: number): bigint {
  return new DataView(call.data.buffer, call.data.byteOffset, call.data.length).getBigUint64(offset, true);
}
