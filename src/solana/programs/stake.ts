import { toAddress } from '../../core/pubkey.js';
import type { Debit, KeyContext, StakeInstruction } from '../assessment.js';
import { role } from './accounts-of.js';
import { refused, type Call, type Finding } from './call.js';
import { SOL } from './own.js';

/** Tag u32 LE and the exact length of the data. Discriminators as on the wire: 16 and 17, not ordinals. */
const LAYOUTS: ReadonlyMap<number, { readonly name: string; readonly length: number }> = new Map([
  [0, { name: 'Initialize', length: 116 }],
  [1, { name: 'Authorize', length: 40 }],
  [2, { name: 'DelegateStake', length: 4 }],
  [3, { name: 'Split', length: 12 }],
  [4, { name: 'Withdraw', length: 12 }],
  [5, { name: 'Deactivate', length: 4 }],
  [7, { name: 'Merge', length: 4 }],
  [9, { name: 'InitializeChecked', length: 4 }],
  [10, { name: 'AuthorizeChecked', length: 8 }],
  [13, { name: 'GetMinimumDelegation', length: 4 }],
  [14, { name: 'DeactivateDelinquent', length: 4 }],
  [16, { name: 'MoveStake', length: 12 }],
  [17, { name: 'MoveLamports', length: 12 }],
]);

/** Instructions of variable length that change authorities or lockups; refused whatever they say. */
const REFUSED: Readonly<Record<number, string>> = {
  6: 'SetLockup',
  8: 'AuthorizeWithSeed',
  11: 'AuthorizeCheckedWithSeed',
  12: 'SetLockupChecked',
};

/** What a key may do with stake when the policy says no more than `stake`. */
export const PLAIN_STAKE_INSTRUCTIONS: ReadonlySet<StakeInstruction> = new Set([
  'Initialize',
  'InitializeChecked',
  'DelegateStake',
  'Deactivate',
  'Withdraw',
]);

const ALLOWABLE: ReadonlySet<string> = new Set<StakeInstruction>([
  ...PLAIN_STAKE_INSTRUCTIONS,
  'Split',
  'Merge',
  'MoveStake',
  'MoveLamports',
]);

/**
 * The Stake program. Split, Merge and the Moves demand equal authorities on both sides (or copy them), so they
 * keep stake under the same authorities; Withdraw counts as SOL that leaves. Authorities and lockups never change.
 */
export function readStake(call: Call, context: KeyContext): Finding {
  const { data } = call;
  if (data.length < 4) return refused(call, null, 'a stake instruction needs a 4-byte tag');
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const tag = view.getUint32(0, true);
  const forbidden = REFUSED[tag];
  if (forbidden !== undefined) return refused(call, forbidden, `${forbidden} is not allowed`);
  const layout = LAYOUTS.get(tag);
  if (layout === undefined) return refused(call, null, `unknown stake instruction ${String(tag)}`);
  const { name } = layout;
  if (data.length !== layout.length) return refused(call, name, `${name} has the wrong length`);
  if (!call.touchesKey) return { name };
  const allowed: ReadonlySet<string> = context.stake ?? PLAIN_STAKE_INSTRUCTIONS;
  if (!ALLOWABLE.has(name) || !allowed.has(name)) {
    const why = ALLOWABLE.has(name) ? 'not among the stake instructions this key may use' : 'not allowed';
    return refused(call, name, `${name} is ${why}`);
  }
  if (name === 'DelegateStake') return delegate(call);
  return name === 'Withdraw' ? withdraw(call, context, view.getBigUint64(4, true)) : { name };
}

/** No lamports move, but the vote account takes its commission of the rewards: the destination rule decides. */
function delegate(call: Call): Finding {
  const name = 'DelegateStake';
  const vote = role(call, 1, 'vote account');
  if ('refusal' in vote) return { name, refusals: [vote.refusal] };
  return { name, destinations: [vote.account], details: () => [['vote account', toAddress(vote.account)]] };
}

function withdraw(call: Call, context: KeyContext, amount: bigint): Finding {
  const name = 'Withdraw';
  const source = role(call, 0, 'stake account');
  if ('refusal' in source) return { name, refusals: [source.refusal] };
  const to = role(call, 1, 'receiver');
  if ('refusal' in to) return { name, refusals: [to.refusal] };
  const debit: Debit = {
    asset: SOL,
    amount,
    reason: 'stake',
    source: source.account,
    destination: to.account,
    own: false,
  };
  return {
    name,
    debits: to.account === context.key ? [] : [debit],
    details: () => [
      ['amount', `${amount.toString()} lamports`],
      ['to', toAddress(to.account)],
    ],
  };
}
