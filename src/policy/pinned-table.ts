import { ReadError } from '../core/byte-reader.js';
import { ChanceryError } from '../core/errors.js';
import { toAddress, type Pubkey } from '../core/pubkey.js';
import { readLookupTable, type LookupTable } from '../solana/lookup-table.js';
import { PROGRAM_IDS } from '../solana/program-names.js';

/** What one source says that the account of a table holds. */
export interface Told {
  /** For messages. */
  readonly source: string;
  readonly account: { readonly owner: Pubkey; readonly data: Uint8Array; readonly slot: number | null };
}

export interface PinnedTable {
  readonly table: LookupTable;
  /** The oldest slot that a source speaks of; null when none says. */
  readonly slot: number | null;
}

/**
 * The one table that all sources tell of, byte for byte: contents, authority, and what they say of its last change.
 * A deactivated one is refused, since no transaction can use it for long. Throws RESPONSE_INVALID.
 */
export function agreedTable(told: readonly Told[]): PinnedTable {
  const [first, ...others] = told;
  if (first === undefined) throw new ChanceryError('INTERNAL', 'nobody told of the table');
  const other = others.find(
    ({ account }) =>
      account.owner !== first.account.owner || !Buffer.from(account.data).equals(first.account.data),
  );
  if (other !== undefined) {
    throw new ChanceryError('RESPONSE_INVALID', `${first.source} and ${other.source} do not agree`, {
      hint: 'if the table has just been extended, ask again in a minute; else one of them is wrong or lies',
    });
  }
  const table = tableOf(first);
  const slots = told.flatMap(({ account }) => (account.slot === null ? [] : [account.slot]));
  return { table, slot: slots.length === 0 ? null : Math.min(...slots) };
}

function tableOf({ source, account }: Told): LookupTable {
  const refuse = (why: string, cause?: unknown): ChanceryError =>
    new ChanceryError('RESPONSE_INVALID', `${source}: ${why}`, { cause });
  if (account.owner !== PROGRAM_IDS['address-lookup-table']) {
    throw refuse(`the account belongs to ${toAddress(account.owner)}, not to the lookup table program`);
  }
  let table: LookupTable;
  try {
    table = readLookupTable(account.data);
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    throw refuse(`no lookup table: ${error.message}, at byte ${String(error.offset)}`, error);
  }
  if (table.addresses.length === 0) throw refuse('the table is empty');
  if (table.deactivatedAt !== null) {
    throw refuse(`the table was deactivated in slot ${table.deactivatedAt.toString()}`);
  }
  return table;
}

/**
 * What the Sovereign should know before it signs this. `before` is what the policy pinned so far: a table only grows,
 * so anything but an extension means that one of the two was not its contents. Throws RESPONSE_INVALID for that.
 */
export function pinNotes({ table, slot }: PinnedTable, before: readonly Pubkey[] | null): readonly string[] {
  const notes: string[] = [];
  if (before !== null) {
    if (before.some((account, index) => table.addresses[index] !== account)) {
      throw new ChanceryError('RESPONSE_INVALID', 'the policy pins other addresses, and a table only grows', {
        hint: 'find out which of the two is wrong; to pin these all the same, remove the old ones first',
      });
    }
    const more = table.addresses.length - before.length;
    notes.push(more === 0 ? 'the same as is pinned already' : `${String(more)} more than is pinned so far`);
  }
  notes.push(
    table.authority === null
      ? 'the table is frozen: it never changes again'
      : `${toAddress(table.authority)} can still append to it, deactivate and close it: ` +
          'what is appended is refused until it is pinned too, and what is pinned never changes',
  );
  if (slot !== null && table.extendedAt >= BigInt(slot)) {
    const fresh = `addresses from index ${String(table.extendedFrom)} on`;
    notes.push(`extended in slot ${table.extendedAt.toString()}: ${fresh} can be used from the next slot on`);
  }
  return notes;
}
