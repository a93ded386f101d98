import { toAddress } from '../core/pubkey.js';
import { resolveAccounts } from '../solana/accounts.js';
import type { Inquiry } from './inquiry.js';
import { isOwn } from './rules/destinations.js';
import type { Exposure } from './verdict.js';

/**
 * What of the key's the declared programs of this transaction can reach: what is counted holds as far as their
 * code keeps its word, and this is what they could take if it did not. Shown to people; it changes no verdict.
 */
export function exposureOf({ assessment, key }: Inquiry): readonly Exposure[] {
  const declared = key.context.declared;
  if (declared === undefined || declared.size === 0) return [];
  const { message } = assessment;
  const accounts = resolveAccounts(message, key.context.tables);
  const reached = new Map<string, Set<string>>();
  for (const { program, index } of assessment.instructions) {
    const name = declared.get(program)?.name;
    if (name === undefined) continue;
    const own = reached.get(name) ?? new Set();
    reached.set(name, own);
    for (const position of message.instructions[index]?.accounts ?? []) {
      const account = accounts[position];
      if (account !== undefined && account !== null && isOwn(key, account)) own.add(toAddress(account));
    }
  }
  return [...reached].map(([program, own]) => ({
    program,
    accounts: [...own],
    sentence: sentence(program, own, key.address),
  }));
}

function sentence(program: string, own: ReadonlySet<string>, address: string): string {
  if (own.size === 0) return `${program} reaches no account of the key`;
  const tokens = own.size - (own.has(address) ? 1 : 0);
  const parts = [
    ...(own.has(address) ? ['all SOL of the key and lasting authority over its accounts'] : []),
    ...(tokens > 0 ? [`the whole balance of ${String(tokens)} of its token accounts`] : []),
  ];
  return `${program} is taken at its word; its code could reach ${parts.join(' and ')}`;
}
