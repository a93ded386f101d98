import { toAddress, type Pubkey } from '../../core/pubkey.js';
import type { Policy } from '../policy.js';
import { change } from './change.js';

/**
 * What stands at other places than before, place by place: a table has up to 256 addresses, and one that was slipped
 * among them is found by nobody who is shown two lists.
 */
export function tableChanges({ tables: before }: Policy, { tables: after }: Policy): string[] {
  return [
    ...[...after].flatMap(([table, accounts]) => {
      const old = before.get(table);
      return old === undefined ? [declared(table, accounts)] : placesChanged(table, old, accounts);
    }),
    ...[...before.keys()]
      .filter((table) => !after.has(table))
      .map((table) => change('narrows', `${name(table)} is gone`)),
  ];
}

function name(table: Pubkey): string {
  return `lookup table ${toAddress(table)}`;
}

function declared(table: Pubkey, accounts: readonly Pubkey[]): string {
  return change('widens', `${name(table)} is declared: ${accounts.map(toAddress).join(' ')}`);
}

function placesChanged(table: Pubkey, before: readonly Pubkey[], after: readonly Pubkey[]): string[] {
  const places = Array.from({ length: Math.max(before.length, after.length) }, (_, index) => index);
  return places.flatMap((index) => {
    const [old, now] = [before[index], after[index]];
    if (old === now) return [];
    const at = `${name(table)} at ${String(index)}`;
    if (now === undefined) return [change('narrows', `${at} is not pinned any more`)];
    const was = old === undefined ? '' : `, before ${toAddress(old)}`;
    return [change('widens', `${at} is ${toAddress(now)}${was}`)];
  });
}
