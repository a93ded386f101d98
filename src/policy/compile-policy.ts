import { SOL_DECIMALS } from '../core/amount.js';
import { originName } from '../core/origin.js';
import { parseAddress, type Pubkey } from '../core/pubkey.js';
import { quote } from '../core/schema.js';
import { parseSpiffeId } from '../core/spiffe-id.js';
import { parseSelector, formatSelector, type Selector } from '../identity/selector.js';
import type { DeclaredMint } from '../solana/assessment.js';
import { mintId, PLAIN_TOKEN_ACCOUNT_RENT } from '../solana/key-context.js';
import { NATIVE_MINT } from '../solana/native-mint.js';
import { PROGRAM_IDS, PROGRAM_NAMES } from '../solana/program-names.js';
import { leastToken2022Rent } from '../solana/rent.js';
import { AddressBook } from './address-book.js';
import { compileAnchors } from './compile-anchors.js';
import { compileKey } from './compile-key.js';
import { compilePrograms, type BlobSource } from './compile-programs.js';
import { compileSovereign } from './compile-sovereign.js';
import type { AssetPolicy, KeyPolicy, Policy, TokenPin, WorkloadPolicy } from './policy.js';
import type { Path, Problems } from './problems.js';
import type { PolicyText } from './schema.js';
import { baseUnits } from './resolve-text.js';
import { policyWarnings } from './warnings.js';

const SOL: AssetPolicy = { name: 'SOL', decimals: SOL_DECIMALS, token: null };

/** Units of the ledger's counts that are no assets: an asset of such a name would share their meter. */
const RESERVED_UNITS: ReadonlySet<string> = new Set(['sol', 'fee', 'transactions']);
/** An asset's name is the unit of its amounts, so it must read as one. */
const ASSET_NAME = /^[A-Za-z][A-Za-z0-9._-]{0,31}$/;

/** Resolves every name and number of a policy whose shape is right. What it reports makes the result void. */
export function compilePolicy(
  text: PolicyText,
  sha256: string,
  blob: BlobSource,
  problems: Problems,
): Policy {
  if (originName(text.signer) === null) {
    problems.add(['signer'], 'not an origin like chancery.local/demo/5f0c9a3b1d2e4f60');
  }
  const sovereign = compileSovereign(text.sovereign, problems);
  const rent = text.rent?.tokenAccount;
  const tokenAccountRent =
    rent === undefined ? PLAIN_TOKEN_ACCOUNT_RENT : baseUnits(rent, SOL, ['rent', 'tokenAccount'], problems);
  const assets = new Map([[SOL.name, SOL]]);
  const mints: DeclaredMint[] = [];
  for (const [name, asset] of Object.entries(text.assets ?? {})) {
    const mint = compileMint(name, asset, assets, mints, problems);
    if (asset.accountRent !== undefined)
      checkRent(mint, tokenAccountRent, ['assets', name, 'accountRent'], problems);
    if (mint === null) continue;
    mints.push(mint);
    assets.set(name, { name, decimals: mint.decimals, token: { program: mint.program, mint: mint.mint } });
  }
  const workloads = compileWorkloads(text.workloads ?? [], problems);
  const programs = compilePrograms(text.programs ?? {}, blob, problems);
  const declared = {
    assets,
    tokens: new Set(Object.keys(text.tokens)),
    workloads: new Set(workloads.map(({ id }) => id)),
    programs: new Set<string>([...PROGRAM_NAMES, ...Object.keys(text.programs ?? {})]),
    declaredPrograms: new Map([...programs.values()].map((program) => [program.program, program])),
    mints,
    tables: compileTables(text.tables ?? {}, problems),
    tokenAccountRent,
    book: new AddressBook(mints),
  };
  const keys = text.keys.map((key, index) => compileKey(key, ['keys', index], declared, problems));
  checkKeys(keys, problems);
  const policy = {
    sha256,
    serial: Number(text.serial),
    signer: text.signer,
    sovereign,
    tokens: compileTokens(text.tokens, problems),
    anchors: compileAnchors(text.anchors ?? [], declared.tokens, problems),
    assets,
    mints: byMint(assets),
    tables: declared.tables,
    programs,
    workloads,
    keys: new Map(keys.map((key) => [key.id, key])),
    book: declared.book,
  };
  return { ...policy, warnings: policyWarnings(policy) };
}

function byMint(assets: ReadonlyMap<string, AssetPolicy>): ReadonlyMap<string, AssetPolicy> {
  const map = new Map<string, AssetPolicy>();
  for (const asset of assets.values()) {
    if (asset.token !== null) map.set(mintId(asset.token.program, asset.token.mint), asset);
  }
  return map;
}

function compileMint(
  name: string,
  text: NonNullable<PolicyText['assets']>[string],
  assets: ReadonlyMap<string, AssetPolicy>,
  mints: readonly DeclaredMint[],
  problems: Problems,
): DeclaredMint | null {
  const path: Path = ['assets', name];
  const lower = name.toLowerCase();
  if (!ASSET_NAME.test(name)) problems.add(path, 'a name begins with a letter and has at most 32 characters');
  if (RESERVED_UNITS.has(lower)) problems.add(path, `${name} is the name of a unit; choose another`);
  else if ([...assets.keys()].some((other) => other.toLowerCase() === lower)) {
    problems.add(path, 'two assets differ only in upper and lower case');
  }
  const mint = parseAddress(text.mint);
  const program = PROGRAM_IDS[text.program];
  if (mint === null) {
    problems.add([...path, 'mint'], 'not the base58 of 32 bytes');
    return null;
  }
  if (mint === NATIVE_MINT) problems.add([...path, 'mint'], 'wrapped SOL counts as SOL; it is not declared');
  if (mints.some((other) => other.mint === mint && other.program === program)) {
    problems.add(path, 'another asset has the same mint');
  }
  return {
    program,
    mint,
    decimals: Number(text.decimals),
    ...(text.accountRent === undefined
      ? {}
      : { accountRent: baseUnits(text.accountRent, SOL, [...path, 'accountRent'], problems) }),
  };
}

/** A figure that is not asked for, or too small to be one, would be believed and counted. */
function checkRent(
  mint: DeclaredMint | null,
  tokenAccountRent: bigint,
  path: Path,
  problems: Problems,
): void {
  if (mint?.accountRent === undefined) return;
  if (mint.program === PROGRAM_IDS.token) {
    problems.add(path, 'accounts of the Token program have one size; state it as rent.tokenAccount');
  } else if (mint.accountRent < leastToken2022Rent({ tokenAccountRent })) {
    problems.add(path, 'less than the rent of 170 bytes, and no account of Token-2022 is smaller');
  }
}

function compileTables(
  text: NonNullable<PolicyText['tables']>,
  problems: Problems,
): ReadonlyMap<Pubkey, readonly Pubkey[]> {
  const tables = new Map<Pubkey, readonly Pubkey[]>();
  for (const [table, list] of Object.entries(text)) {
    const path: Path = ['tables', table];
    const pubkey = parseAddress(table);
    if (pubkey === null) problems.add(path, 'not the base58 of 32 bytes');
    // Positions matter here, so an address may stand twice.
    const contents = list.map((account, index) => {
      const parsed = parseAddress(account);
      if (parsed === null) problems.add([...path, index], 'not the base58 of 32 bytes');
      return parsed;
    });
    if (pubkey !== null)
      tables.set(
        pubkey,
        contents.filter((account) => account !== null),
      );
  }
  return tables;
}

export function compileTokens(text: PolicyText['tokens'], problems: Problems): ReadonlyMap<string, TokenPin> {
  const tokens = new Map<string, TokenPin>();
  const pins = new Map<string, string>();
  for (const [name, pin] of Object.entries(text)) {
    const identity = JSON.stringify([pin.manufacturer, pin.model, pin.serial, pin.label]);
    const other = pins.get(identity);
    if (other !== undefined) problems.add(['tokens', name], `the same token as ${other}`);
    pins.set(identity, name);
    tokens.set(name, { name, ...pin });
  }
  return tokens;
}

function compileWorkloads(
  text: NonNullable<PolicyText['workloads']>,
  problems: Problems,
): readonly WorkloadPolicy[] {
  const seen = new Set<string>();
  return text.map((workload, index) => {
    const path: Path = ['workloads', index];
    if (parseSpiffeId(workload.id) === null) problems.add([...path, 'id'], 'not a SPIFFE ID of a workload');
    const selectors: Selector[] = [];
    workload.selectors.forEach((item, at) => {
      const selector = parseSelector(item);
      if (selector === null) problems.add([...path, 'selectors', at], `not a selector: ${quote(item)}`);
      else selectors.push(selector);
    });
    // One id may be registered twice, for two machines or versions; the same facts for two ids are ambiguous.
    const facts = selectors.map(formatSelector).sort().join('\n');
    if (facts !== '' && seen.has(facts)) problems.add(path, 'another workload has the same selectors');
    seen.add(facts);
    return { id: workload.id, selectors };
  });
}

function checkKeys(keys: readonly KeyPolicy[], problems: Problems): void {
  const ids = new Set<string>();
  const publicKeys = new Map<string, string>();
  const objects = new Map<string, string>();
  keys.forEach((key, index) => {
    const path: Path = ['keys', index];
    const object = JSON.stringify([key.token, key.object.label, key.object.id ?? '']);
    if (ids.has(key.id.toLowerCase())) problems.add([...path, 'id'], `a second key ${key.id}`);
    const twin = publicKeys.get(key.publicKey);
    // Two entries for one key would be two sets of rules and two roles for one signature.
    if (twin !== undefined) problems.add([...path, 'publicKey'], `the same public key as ${twin}`);
    const other = objects.get(object);
    if (other !== undefined) problems.add([...path, 'object'], `the same object as ${other}`);
    ids.add(key.id.toLowerCase());
    publicKeys.set(key.publicKey, key.id);
    objects.set(object, key.id);
  });
  const ledgers = keys.filter(({ role }) => role === 'ledger').length;
  if (ledgers !== 1) problems.add(['keys'], `exactly one key has the role ledger, here ${String(ledgers)}`);
}
