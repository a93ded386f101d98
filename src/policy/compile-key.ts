import { parseDuration } from '../core/duration.js';
import { enrolKey } from '../core/ed25519.js';
import { parseAddress, pubkeyBytes, toAddress, type Pubkey } from '../core/pubkey.js';
import { keyContext } from '../solana/key-context.js';
import { compileFee, compileLimits, compileRates } from './compile-limits.js';
import type { Declared } from './declared.js';
import { parseDays, parseMinutes, zoneFormat } from './hours.js';
import type { Hours, KeyPolicy } from './policy.js';
import type { Path, Problems } from './problems.js';
import { addresses, names } from './resolve-text.js';
import type { KeyText } from './key-schema.js';

/** What an absent `attestation.maxAge` means, in milliseconds. */
const DEFAULT_MAX_AGE = 3_600_000;
/** Rules about transactions, which a ledger key never signs: one that stands there is one somebody believes in. */
const TRANSACTION_RULES = [
  'workloads',
  'attestation',
  'limits',
  'fee',
  'programs',
  'destinations',
  'stake',
  'ownAccounts',
  'rate',
  'hours',
  'deny',
  'maxInstructions',
  'maxSigners',
  'coSigners',
  'memo',
] as const;
const NOBODY = '0'.repeat(64) as Pubkey;

/** One key of the file. Reports what is wrong and goes on, so that all of it is reported at once. */
export function compileKey(text: KeyText, path: Path, declared: Declared, problems: Problems): KeyPolicy {
  const publicKey = signingKey(text.publicKey, [...path, 'publicKey'], problems);
  if (!declared.tokens.has(text.token))
    problems.add([...path, 'token'], `no token ${text.token} is declared`);
  const known = (list: readonly string[] | undefined, at: Path, set: ReadonlySet<string>, what: string) =>
    names(list ?? [], at, set, what, problems);
  const listed = text.destinations === 'any' ? [] : (text.destinations ?? []);
  const wallets = addresses(listed, [...path, 'destinations'], problems);
  const denied = declared.book.expand(
    addresses(text.deny?.accounts ?? [], [...path, 'deny', 'accounts'], problems),
  );
  const key: KeyPolicy = {
    id: text.id,
    token: text.token,
    object: {
      label: text.object.label,
      ...(text.object.id === undefined ? {} : { id: text.object.id }),
      waivers: text.object.waivers ?? [],
    },
    publicKey,
    address: text.publicKey,
    role: text.role,
    workloads: known(text.workloads, [...path, 'workloads'], declared.workloads, 'workload'),
    attestation: {
      maxAge: maxAge(text.attestation?.maxAge, [...path, 'attestation', 'maxAge'], problems),
      challenge: text.attestation?.challenge ?? 'optional',
      possession: text.attestation?.possession ?? 'optional',
    },
    limits: compileLimits(text.publicKey, text.limits ?? [], [...path, 'limits'], declared, problems),
    fee: compileFee(text.fee, [...path, 'fee'], declared, problems),
    programs: known(text.programs, [...path, 'programs'], declared.programs, 'program'),
    destinations: text.destinations === 'any' ? 'any' : declared.book.expand(wallets),
    wallets,
    ownAccounts: text.ownAccounts ?? 'counted',
    rates: compileRates(text.rate, [...path, 'rate'], declared, problems),
    hours: compileHours(text.hours, [...path, 'hours'], problems),
    deny: {
      accounts: denied,
      prefixes: new Set([...denied].map((account) => Number.parseInt(account.slice(0, 8), 16))),
      programs: known(text.deny?.programs, [...path, 'deny', 'programs'], declared.programs, 'program'),
    },
    maxInstructions: text.maxInstructions === undefined ? null : Number(text.maxInstructions),
    maxSigners: text.maxSigners === undefined ? null : Number(text.maxSigners),
    coSigners: addresses(text.coSigners ?? [], [...path, 'coSigners'], problems),
    memo: text.memo === undefined ? null : text.memo === 'required' ? '' : text.memo.startsWith,
    context: {
      ...keyContext({
        key: publicKey,
        assets: declared.mints,
        tables: declared.tables,
        rent: declared.tokenAccountRent,
      }),
      ...(declared.declaredPrograms.size === 0 ? {} : { declared: declared.declaredPrograms }),
      ...(text.stake === undefined ? {} : { stake: new Set(text.stake) }),
    },
  };
  checkKey(key, text, path, problems);
  return key;
}

/** Rules that contradict each other. */
function checkKey(key: KeyPolicy, text: KeyText, path: Path, problems: Problems): void {
  if (key.memo !== null && !key.programs.has('memo')) {
    problems.add([...path, 'memo'], 'a memo is required but the memo program is not in programs');
  }
  if (key.memo !== null && key.deny.programs.has('memo')) {
    problems.add([...path, 'memo'], 'a memo is required but the memo program is denied');
  }
  if (key.coSigners.includes(key.publicKey)) {
    problems.add([...path, 'coSigners'], 'the key itself is no co-signer');
  }
  if (key.maxSigners !== null && key.maxSigners < key.coSigners.length + 1) {
    const needed = `the key and its co-signers are ${String(key.coSigners.length + 1)}`;
    problems.add([...path, 'maxSigners'], `no transaction can have so few signers: ${needed}`);
  }
  if (key.maxInstructions === 0) {
    problems.add([...path, 'maxInstructions'], 'a transaction without instructions does nothing');
  }
  for (const needed of [key.publicKey, ...key.coSigners]) {
    if (!key.deny.accounts.has(needed)) continue;
    const message = `${toAddress(needed)} must sign every transaction and is denied`;
    problems.add([...path, 'deny', 'accounts'], message);
  }
  if (key.role === 'ledger') {
    const given = TRANSACTION_RULES.filter((rule) => text[rule] !== undefined);
    if (given.length > 0) {
      problems.add(path, `the ledger key signs no transactions: remove ${given.join(', ')}`);
    }
  }
}

function maxAge(text: string | undefined, path: Path, problems: Problems): number {
  if (text === undefined) return DEFAULT_MAX_AGE;
  const duration = parseDuration(text);
  if (duration === null) problems.add(path, 'not a duration of at most ten years');
  return duration ?? DEFAULT_MAX_AGE;
}

function signingKey(text: string, path: Path, problems: Problems): Pubkey {
  const pubkey = parseAddress(text);
  if (pubkey === null || enrolKey(pubkeyBytes(pubkey)) === null) {
    problems.add(path, 'not the base58 of an Ed25519 public key');
    return NOBODY;
  }
  return pubkey;
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
