import { toAddress } from '../../core/pubkey.js';
import type { Debit, KeyContext } from '../assessment.js';
import { rentFor } from '../rent.js';
import { role } from './accounts-of.js';
import { refused, type Call, type Finding } from './call.js';
import { SOL } from './own.js';

/** Size of a table without addresses, and of one address. */
const TABLE_BYTES = 56n;
const ADDRESS_BYTES = 32n;

/**
 * The lookup-table program, tag u32 LE. Create and Extend take rent from the payer for a table whose lamports its
 * authority can take back by Close, so the rent goes to the authority.
 */
export function readAddressLookupTable(call: Call, context: KeyContext): Finding {
  const { data } = call;
  if (data.length < 4) return refused(call, null, 'a lookup table instruction needs a 4-byte tag');
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const tag = view.getUint32(0, true);
  switch (tag) {
    case 0:
      return data.length === 13
        ? rent(call, context, 'CreateLookupTable', rentFor(TABLE_BYTES, context))
        : refused(call, 'CreateLookupTable', 'CreateLookupTable has the wrong length');
    case 1:
      return named(call, 'FreezeLookupTable', call.touchesKey ? 'it locks the rent for ever' : null);
    case 2: {
      const name = 'ExtendLookupTable';
      if (data.length < 12) return refused(call, name, `${name} is cut short`);
      const count = view.getBigUint64(4, true);
      if (BigInt(data.length) !== 12n + count * ADDRESS_BYTES) {
        return refused(call, name, `${name} has the wrong length`);
      }
      // The chain takes what the table lacks for its new size; a table always holds the rent of its old one.
      return rent(call, context, name, rentFor(count * ADDRESS_BYTES, context));
    }
    case 3:
      return named(call, 'DeactivateLookupTable', null);
    case 4:
      return named(
        call,
        'CloseLookupTable',
        call.touchesKey && call.accounts[2] !== context.key ? 'it must pay out to the key itself' : null,
      );
    default:
      return refused(call, null, `unknown lookup table instruction ${String(tag)}`);
  }
}

function named(call: Call, name: string, why: string | null): Finding {
  if (call.data.length !== 4) return refused(call, name, `${name} has the wrong length`);
  return why === null ? { name } : refused(call, name, `${name} is not allowed: ${why}`);
}

/** Both take table, authority, payer, system program. */
function rent(call: Call, context: KeyContext, name: string, amount: bigint): Finding {
  if (call.accounts[2] !== context.key) return { name };
  const authority = role(call, 1, 'authority of the table');
  if ('refusal' in authority) return { name, refusals: [authority.refusal] };
  const destination = authority.account === context.key ? null : authority.account;
  const debit: Debit = { asset: SOL, amount, reason: 'rent', source: context.key, destination, own: false };
  return {
    name,
    debits: [debit],
    details: () => [
      ['rent', `${amount.toString()} lamports`],
      ['authority', toAddress(authority.account)],
    ],
  };
}
