import { formatAmount } from '../../core/amount.js';
import type { KeyPolicy, LimitScope, RateLimit, SpendLimit } from '../policy.js';
import { boundChanges, change } from './change.js';

/** Limits and rates of one key. A limit that goes away widens, unless its asset can no longer be spent at all. */
export function limitChanges(before: KeyPolicy, after: KeyPolicy): string[] {
  const spendable = (key: KeyPolicy): ReadonlySet<string> =>
    new Set(key.limits.map(({ asset }) => asset.name));
  const old = spendable(before);
  const now = spendable(after);
  const opened = [...now].filter((asset) => !old.has(asset));
  const closed = [...old].filter((asset) => !now.has(asset));
  const added = byName(after.limits, limitName);
  const removed = byName(before.limits, limitName);
  const changes = [
    ...opened.map((asset) => change('widens', `${asset} may be spent`)),
    ...closed.map((asset) => change('narrows', `${asset} may no longer be spent`)),
  ];
  for (const [name, limit] of added) {
    const show = (units: bigint): string => formatAmount(units, limit.asset.decimals, limit.asset.name);
    const same = removed.get(name);
    if (same === undefined) {
      const direction = opened.includes(limit.asset.name) ? 'widens' : 'narrows';
      changes.push(change(direction, `a limit of ${show(limit.max)}: ${name}`));
      if (limit.perTransaction !== null) {
        changes.push(change(direction, `at most ${show(limit.perTransaction)} a transaction: ${name}`));
      }
      continue;
    }
    changes.push(...boundChanges(`the limit of ${name}`, same.max, limit.max, show));
    const each = `the most of ${name} a transaction may take`;
    changes.push(...boundChanges(each, same.perTransaction, limit.perTransaction, show));
  }
  for (const [name, limit] of removed) {
    if (added.has(name) || closed.includes(limit.asset.name)) continue;
    changes.push(change('widens', `the limit of ${name} is gone`));
  }
  return [...changes, ...rateChanges(before, after)];
}

function rateChanges(before: KeyPolicy, after: KeyPolicy): string[] {
  const old = byName(before.rates, rateName);
  const now = byName(after.rates, rateName);
  const names = new Set([...old.keys(), ...now.keys()]);
  return [...names].flatMap((name) =>
    boundChanges(`the rate of ${name}`, old.get(name)?.max ?? null, now.get(name)?.max ?? null, String),
  );
}

function byName<Rule>(rules: readonly Rule[], nameOf: (rule: Rule) => string): ReadonlyMap<string, Rule> {
  return new Map(rules.map((rule) => [nameOf(rule), rule]));
}

function limitName({ asset, window, scope }: SpendLimit): string {
  return `${asset.name} in ${window}${scopeName(scope)}`;
}

function rateName({ window, scope }: RateLimit): string {
  return `transactions in ${window}${scopeName(scope)}`;
}

function scopeName(scope: LimitScope): string {
  switch (scope.kind) {
    case 'key':
      return '';
    case 'workload':
      return scope.workload === 'each' ? ' for each workload' : ` for ${scope.workload}`;
    case 'destination':
      return scope.destination === 'each' ? ' to each destination' : ` to ${scope.destination.address}`;
  }
}
