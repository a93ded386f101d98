import { toAddress } from '../../core/pubkey.js';
import type { Policy } from '../policy.js';
import { change } from './change.js';
import { mapChanges } from './map-changes.js';

/**
 * What stands at other places than before, place by place: a table has up to 256 addresses, and one that was slipped
 * among them is found by nobody who is shown two lists.
 */
export function tableChanges(before: Policy, after: Policy): string[] {
  return mapChanges('lookup table', tablesOf(before), tablesOf(after), (accounts) => accounts.join(' '), {
    changed: placesChanged,
  });
}

function tablesOf({ tables }: Policy): ReadonlyMap<string, readonly string[]> {
  return new Map([...tables].map(([table, accounts]) => [toAddress(table), accounts.map(toAddress)]));
}

function placesChanged(table: string, before: readonly string[], after: readonly string[]): string[] {
  const places = Array.from({ length: Math.max(before.length, after.length) }, (_, index) => index);
  return places.flatMap((index) => {
    const [old, now] = [before[index], after[index]];
    if (old === now) return [];
    const at = `lookup table ${table} at ${String(index)}`;
    if (now === undefined) return [change('narrows', `${at} is not pinned any more`)];
    return [change('widens', `${at} is ${now}${old === undefined ? '' : `, before ${old}`}`)];
  });
}
