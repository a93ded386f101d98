import { toAddress } from '../core/pubkey.js';
import type { Declared } from './declared.js';
import type {
  DestinationScope,
  KeyPolicy,
  KeyScope,
  RateLimit,
  SpendLimit,
  WorkloadScope,
} from './policy.js';
import type { Path, Problems } from './problems.js';
import { addresses, baseUnits } from './resolve-text.js';
import { receiver } from './tally.js';
import type { KeyText } from './key-schema.js';

/** What an absent `rate` means. */
const DEFAULT_RATE: RateLimit = { max: 600, window: '1m', scope: { kind: 'key' } };

/** Each is a meter to read at every decision: the bound is one on its time. */
const MAX_RATES = 32;

type LimitText = NonNullable<KeyText['limits']>[number];

/** `publicKey`: base58, of the key whose limits they are. */
export function compileLimits(
  publicKey: string,
  list: readonly LimitText[],
  path: Path,
  declared: Declared,
  problems: Problems,
): readonly SpendLimit[] {
  const opened = new Set(
    list
      .filter(({ destination, workload }) => (destination ?? workload) === undefined)
      .map(({ asset }) => asset),
  );
  return list.map((text, index) => {
    const at = [...path, index];
    if (!opened.has(text.asset)) {
      problems.add(at, `narrows ${text.asset}, which has no limit for the whole key`);
    }
    const limit = compileLimit(publicKey, text, at, declared, problems);
    const same = list
      .slice(0, index)
      .some(
        (other) =>
          other.asset === text.asset &&
          other.window === text.window &&
          other.destination === text.destination &&
          other.workload === text.workload,
      );
    if (same) problems.add(at, `a second limit of ${text.asset} for ${text.window}`);
    return limit;
  });
}

function compileLimit(
  publicKey: string,
  text: LimitText,
  path: Path,
  declared: Declared,
  problems: Problems,
): SpendLimit {
  const asset = declared.assets.get(text.asset);
  if (asset === undefined) problems.add([...path, 'asset'], `no asset ${text.asset} is declared`);
  const units = (amount: string, field: string): bigint =>
    asset === undefined ? 0n : baseUnits(amount, asset, [...path, field], problems);
  if (text.destination !== undefined && text.workload !== undefined) {
    problems.add(path, 'a limit is about a destination or about a workload; write two');
  }
  return {
    asset: asset ?? { name: text.asset, decimals: 0, token: null },
    perTransaction: text.perTransaction === undefined ? null : units(text.perTransaction, 'perTransaction'),
    window: text.window,
    max: units(text.max, 'max'),
    scope:
      text.destination === undefined
        ? workloadScope(text.workload, [...path, 'workload'], declared, problems)
        : destinationScope(publicKey, text.destination, [...path, 'destination'], declared, problems),
  };
}

function workloadScope(
  text: string | undefined,
  path: Path,
  declared: Declared,
  problems: Problems,
): KeyScope | WorkloadScope {
  if (text === undefined) return { kind: 'key' };
  if (text !== 'each' && !declared.workloads.has(text)) problems.add(path, `no workload ${text} is declared`);
  return { kind: 'workload', workload: text };
}

function destinationScope(
  publicKey: string,
  text: string,
  path: Path,
  declared: Declared,
  problems: Problems,
): DestinationScope {
  if (text === 'each') return { kind: 'destination', destination: 'each' };
  const [wallet] = addresses([text], path, problems);
  const accounts = wallet === undefined ? [] : declared.book.accountsOf(wallet);
  const subjects = accounts.map((account) => receiver(publicKey, toAddress(account)));
  return { kind: 'destination', destination: { address: text, accounts: new Set(accounts), subjects } };
}

/** Null, when it is absent: may not pay fees. */
export function compileFee(
  text: KeyText['fee'],
  path: Path,
  declared: Declared,
  problems: Problems,
): KeyPolicy['fee'] {
  const sol = declared.assets.get('SOL');
  if (text === undefined || sol === undefined) return null;
  return { perTransaction: baseUnits(text.perTransaction, sol, [...path, 'perTransaction'], problems) };
}

export function compileRates(
  text: KeyText['rate'],
  path: Path,
  declared: Declared,
  problems: Problems,
): readonly RateLimit[] {
  if (text === undefined) return [DEFAULT_RATE];
  const list = Array.isArray(text) ? text : [text];
  if (list.length > MAX_RATES) problems.add(path, `expected at most ${String(MAX_RATES)} rates`);
  const rates = list.map(({ max, window, workload }, index): RateLimit => {
    const at = [...path, index];
    if (list.slice(0, index).some((other) => other.window === window && other.workload === workload)) {
      problems.add([...at, 'window'], `a second rate for ${window}`);
    }
    const scope = workloadScope(workload, [...at, 'workload'], declared, problems);
    return { max: Number(max), window, scope };
  });
  // A rate below the key leaves the key's own to the default: absent is never unlimited.
  return rates.some(({ scope }) => scope.kind === 'key') ? rates : [...rates, DEFAULT_RATE];
}
