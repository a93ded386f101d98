import { parseAmount, toBaseUnits } from '../core/amount.js';
import { parseDuration } from '../core/duration.js';
import { enrolKey } from '../core/ed25519.js';
import { parseAddress, pubkeyBytes, type Pubkey } from '../core/pubkey.js';
import type { DeclaredMint } from '../solana/assessment.js';
import { keyContext } from '../solana/key-context.js';
import type { AddressBook } from './address-book.js';
import { parseDays, parseMinutes, zoneFormat } from './hours.js';
import type { AssetPolicy, Hours, KeyPolicy, RateLimit, SpendLimit } from './policy.js';
import type { Path, Problems } from './problems.js';
import type { KeyText } from './schema.js';

/** What the rest of the policy declares, for a key to name. */
export interface Declared {
  readonly assets: ReadonlyMap<string, AssetPolicy>;
  readonly tokens: ReadonlySet<string>;
  readonly workloads: ReadonlySet<string>;
  readonly programs: ReadonlySet<string>;
  readonly mints: readonly DeclaredMint[];
  readonly tables: ReadonlyMap<Pubkey, readonly Pubkey[]>;
  readonly tokenAccountRent: bigint;
  readonly book: AddressBook;
}

/** INTERFACE: what an absent `rate` and an absent `attestation` mean. */
const DEFAULT_RATE: RateLimit = { max: 600, window: '1m' };
const DEFAULT_MAX_AGE = 3_600_000;
const NOBODY = '0'.repeat(64) as Pubkey;

/** One key of the file. Reports what is wrong and goes on, so that all of it is reported at once. */
export function compileKey(text: KeyText, path: Path, declared: Declared, problems: Problems): KeyPolicy {
  const publicKey = signingKey(text.publicKey, [...path, 'publicKey'], problems);
  if (!declared.tokens.has(text.token))
    problems.add([...path, 'token'], `no token ${text.token} is declared`);
  const known = (list: readonly string[] | undefined, at: Path, set: ReadonlySet<string>, what: string) =>
    names(list ?? [], at, set, what, problems);
  const key: KeyPolicy = {
    id: text.id,
    token: text.token,
    object: { label: text.object.label, ...(text.object.id === undefined ? {} : { id: text.object.id }) },
    publicKey,
    address: text.publicKey,
    role: text.role,
    workloads: known(text.workloads, [...path, 'workloads'], declared.workloads, 'workload'),
    attestation: {
      maxAge: parseDuration(text.attestation?.maxAge ?? '1h') ?? DEFAULT_MAX_AGE,
      challenge: text.attestation?.challenge ?? 'optional',
      possession: text.attestation?.possession ?? 'optional',
    },
    limits: (text.limits ?? []).map((limit, index) =>
      compileLimit(limit, [...path, 'limits', index], declared, problems),
    ),
    fee: compileFee(text.fee, [...path, 'fee'], declared, problems),
    programs: known(text.programs, [...path, 'programs'], declared.programs, 'program'),
    destinations:
      text.destinations === 'any'
        ? 'any'
        : declared.book.expand(addresses(text.destinations ?? [], [...path, 'destinations'], problems)),
    ownAccounts: text.ownAccounts ?? 'counted',
    rates: compileRates(text.rate, [...path, 'rate'], problems),
    hours: compileHours(text.hours, [...path, 'hours'], problems),
    deny: {
      accounts: declared.book.expand(
        addresses(text.deny?.accounts ?? [], [...path, 'deny', 'accounts'], problems),
      ),
      programs: known(text.deny?.programs, [...path, 'deny', 'programs'], declared.programs, 'program'),
    },
    maxInstructions: text.maxInstructions === undefined ? null : Number(text.maxInstructions),
    maxSigners: text.maxSigners === undefined ? null : Number(text.maxSigners),
    coSigners: addresses(text.coSigners ?? [], [...path, 'coSigners'], problems),
    memo: text.memo === undefined ? null : text.memo === 'required' ? '' : text.memo.startsWith,
    context: keyContext({
      key: publicKey,
      assets: declared.mints,
      tables: declared.tables,
      rent: declared.tokenAccountRent,
    }),
  };
  checkKey(key, text, path, problems);
  return key;
}

/** Rules that contradict each other. */
function checkKey(key: KeyPolicy, text: KeyText, path: Path, problems: Problems): void {
  if (key.memo !== null && !key.programs.has('memo')) {
    problems.add([...path, 'memo'], 'a memo is required but the memo program is not in programs');
  }
  if (key.coSigners.includes(key.publicKey)) {
    problems.add([...path, 'coSigners'], 'the key itself is no co-signer');
  }
  if (key.role === 'ledger') {
    const rules = ['workloads', 'limits', 'fee', 'programs', 'destinations', 'rate', 'hours'] as const;
    const given = rules.filter((rule) => text[rule] !== undefined);
    if (given.length > 0) {
      problems.add(path, `the ledger key signs no transactions: remove ${given.join(', ')}`);
    }
  }
}

function signingKey(text: string, path: Path, problems: Problems): Pubkey {
  const pubkey = parseAddress(text);
  if (pubkey === null || enrolKey(pubkeyBytes(pubkey)) === null) {
    problems.add(path, 'not the base58 of an Ed25519 public key');
    return NOBODY;
  }
  return pubkey;
}

export function addresses(list: readonly string[], path: Path, problems: Problems): Pubkey[] {
  const found = new Set<Pubkey>();
  list.forEach((text, index) => {
    const pubkey = parseAddress(text);
    if (pubkey === null) problems.add([...path, index], 'not the base58 of 32 bytes');
    else if (found.has(pubkey)) problems.add([...path, index], 'the same address stands twice');
    else found.add(pubkey);
  });
  return [...found];
}

function names(
  list: readonly string[],
  path: Path,
  known: ReadonlySet<string>,
  what: string,
  problems: Problems,
): ReadonlySet<string> {
  const found = new Set<string>();
  list.forEach((name, index) => {
    if (!known.has(name)) problems.add([...path, index], `no ${what} ${name} is declared`);
    else if (found.has(name)) problems.add([...path, index], `the ${what} ${name} stands twice`);
    found.add(name);
  });
  return found;
}

/** Base units of an amount whose unit must be the asset's. */
export function baseUnits(text: string, asset: AssetPolicy, path: Path, problems: Problems): bigint {
  const parsed = parseAmount(text);
  if (parsed === null) problems.add(path, 'not an amount like "0.5 SOL"');
  else if (parsed.unit !== asset.name) problems.add(path, `the unit must be ${asset.name}`);
  const units = parsed === null ? null : toBaseUnits(parsed, asset.decimals);
  if (parsed !== null && units === null) {
    problems.add(path, `finer than ${String(asset.decimals)} decimals or above the largest amount`);
  }
  return units ?? 0n;
}

type LimitText = NonNullable<KeyText['limits']>[number];

function compileLimit(text: LimitText, path: Path, declared: Declared, problems: Problems): SpendLimit {
  const asset = declared.assets.get(text.asset);
  if (asset === undefined) problems.add([...path, 'asset'], `no asset ${text.asset} is declared`);
  const units = (amount: string, field: string): bigint =>
    asset === undefined ? 0n : baseUnits(amount, asset, [...path, field], problems);
  return {
    asset: asset ?? { name: text.asset, decimals: 0, token: null },
    perTransaction: text.perTransaction === undefined ? null : units(text.perTransaction, 'perTransaction'),
    window: text.window,
    max: units(text.max, 'max'),
  };
}

function compileFee(
  text: KeyText['fee'],
  path: Path,
  declared: Declared,
  problems: Problems,
): KeyPolicy['fee'] {
  const sol = declared.assets.get('SOL');
  if (text === undefined || sol === undefined) return null;
  return { perTransaction: baseUnits(text.perTransaction, sol, [...path, 'perTransaction'], problems) };
}

function compileRates(text: KeyText['rate'], path: Path, problems: Problems): readonly RateLimit[] {
  if (text === undefined) return [DEFAULT_RATE];
  const list = Array.isArray(text) ? text : [text];
  const windows = new Set<string>();
  return list.map(({ max, window }, index) => {
    if (windows.has(window)) problems.add([...path, index, 'window'], `a second rate for ${window}`);
    windows.add(window);
    return { max: Number(max), window };
  });
}

function compileHours(text: KeyText['hours'], path: Path, problems: Problems): Hours | null {
  if (text === undefined) return null;
  const format = zoneFormat(text.zone);
  const days = parseDays(text.days);
  const from = parseMinutes(text.from);
  const to = parseMinutes(text.to);
  if (format === null) problems.add([...path, 'zone'], 'not an IANA time zone');
  if (days === null) problems.add([...path, 'days'], 'not days like mon-fri or sat,sun');
  if (from === to || from === 1440) problems.add([...path, 'from'], 'opens at no time before it closes');
  if (format === null || days === null) return null;
  return { zone: text.zone, format, days, from, to };
}
