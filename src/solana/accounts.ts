import type { Pubkey } from '../core/pubkey.js';
import type { Message } from './message.js';

/**
 * Every account of the message in index order: static keys, then all writable loaded ones across all tables,
 * then all readonly loaded ones. Null where the table is not pinned or the index is past its pinned contents
 * (a table only grows, so its owner can still choose what that index will be).
 *
 * A null is never one of the static keys: the chain refuses a transaction that loads a key twice.
 */
export function resolveAccounts(
  message: Message,
  tables: ReadonlyMap<Pubkey, readonly Pubkey[]>,
): readonly (Pubkey | null)[] {
  if (message.lookups.length === 0) return message.accounts;
  const accounts: (Pubkey | null)[] = [...message.accounts];
  for (const kind of ['writable', 'readonly'] as const) {
    for (const lookup of message.lookups) {
      const contents = tables.get(lookup.table);
      for (const index of lookup[kind]) accounts.push(contents?.[index] ?? null);
    }
  }
  return accounts;
}
