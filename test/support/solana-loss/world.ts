import type { Pubkey } from '../../../src/core/pubkey.js';
import { pubkeyAt, pubkeyBytes, wellKnown } from '../../../src/core/pubkey.js';
import { sha256 } from '../../../src/core/sha256.js';
import { deriveAssociatedTokenAccount, findProgramAddress } from '../../../src/solana/derive.js';
import { deriveWithSeed } from '../derive-with-seed.js';
import { NATIVE_MINT } from '../../../src/solana/native-mint.js';
import { PROGRAM_IDS } from '../../../src/solana/program-names.js';
import { u64 } from '../solana-build.js';
import type { VmAccount } from '../solana-svm.js';
import {
  lookupTable,
  mintAccount,
  multisigAccount,
  nonceAccount,
  STAKE_RENT,
  activeStake,
  stakeAccount,
  tokenAccount,
  TRANSFER_FEE_AMOUNT,
  transferFeeConfig,
  voteAccount,
} from './layouts.js';
import { Random } from './random.js';
import type { Owner } from './value.js';

/** The assets of every world: wrapped SOL, a Token mint, a Token-2022 mint, a Token-2022 mint with a fee. */
export interface AssetCase {
  readonly program: Pubkey;
  readonly mint: Pubkey;
  readonly decimals: number;
  readonly fee: boolean;
}

const mintKeys = new Random(77);
const randomKey = (random: Random): Pubkey => pubkeyAt(random.bytes(32));
export const ASSETS: readonly AssetCase[] = [
  { program: PROGRAM_IDS.token, mint: NATIVE_MINT, decimals: 9, fee: false },
  { program: PROGRAM_IDS.token, mint: randomKey(mintKeys), decimals: 6, fee: false },
  { program: PROGRAM_IDS['token-2022'], mint: randomKey(mintKeys), decimals: 6, fee: false },
  { program: PROGRAM_IDS['token-2022'], mint: randomKey(mintKeys), decimals: 2, fee: true },
];

/** Keys and addresses of one cast; derived once, since each associated address costs 100 µs. */
export interface Cast {
  readonly key: Pubkey;
  readonly attacker: Pubkey;
  readonly payer: Pubkey;
  /** Fresh keys that may sign for new accounts. */
  readonly fresh: readonly Pubkey[];
  /** By asset. */
  readonly ata: readonly Pubkey[];
  readonly auxiliary: readonly Pubkey[];
  readonly theirs: readonly Pubkey[];
  readonly theirAta: readonly Pubkey[];
  readonly joint: readonly Pubkey[];
  /** The address of wrapped SOL under the wrong program. */
  readonly twin: Pubkey;
  readonly multisig: Pubkey;
  readonly stakes: readonly [Pubkey, Pubkey];
  readonly theirStake: Pubkey;
  readonly vote: Pubkey;
  readonly derived: Pubkey;
  /** Derived with the key as base for a program of the attacker, not yet assigned to it. */
  readonly promised: Pubkey;
  readonly seeded: Pubkey;
  readonly seededStake: Pubkey;
  readonly nonce: Pubkey;
  /** Address, and recent slot and bump it was derived from. */
  readonly ownTable: { readonly address: Pubkey; readonly bump: number };
  readonly theirNewTable: { readonly address: Pubkey; readonly bump: number };
  readonly oldTable: Pubkey;
  readonly theirTable: Pubkey;
  readonly table: Pubkey;
  readonly tableContents: readonly Pubkey[];
  readonly secondTable: Pubkey;
  readonly secondContents: readonly Pubkey[];
  /** Stake of the key that is delegated and active. */
  readonly active: readonly [Pubkey, Pubkey];
  /** Appended to both tables after the policy pinned them. */
  readonly late: Pubkey;
  readonly owner: Owner;
}

const VOTE_PROGRAM = wellKnown('Vote111111111111111111111111111111111111111');
export const SEED = Buffer.from('trading');
export const TABLE_SLOT = 1n;

/** `chosen` stands in for the key of this cast, where a policy must accept it: drawn ones need not be curve points. */
export function createCast(number: number, chosen?: Pubkey): Cast {
  const random = new Random(1_000_003 * (number + 1));
  const fresh = (): Pubkey => randomKey(random);
  const drawn = fresh();
  const key = chosen ?? drawn;
  const attacker = fresh();
  const ata = ASSETS.map((asset) => deriveAssociatedTokenAccount(key, asset.program, asset.mint));
  const theirAta = ASSETS.map((asset) => deriveAssociatedTokenAccount(attacker, asset.program, asset.mint));
  const twin = deriveAssociatedTokenAccount(key, PROGRAM_IDS['token-2022'], NATIVE_MINT);
  const derived = deriveWithSeed(key, SEED, PROGRAM_IDS.system);
  const promised = deriveWithSeed(key, SEED, attacker);
  const seeded = deriveWithSeed(key, SEED, PROGRAM_IDS.token);
  const seededStake = deriveWithSeed(key, SEED, PROGRAM_IDS.stake);
  const multisig = fresh();
  const auxiliary = ASSETS.map(fresh);
  const theirs = ASSETS.map(fresh);
  const joint = ASSETS.map(fresh);
  const wrapped = ata[0];
  if (wrapped === undefined) throw new RangeError('no assets');
  const tableContents = [
    attacker,
    ...theirs,
    ...theirAta,
    ...auxiliary,
    ...ASSETS.map((asset) => asset.mint),
    ...ata,
  ];
  return {
    key,
    attacker,
    payer: fresh(),
    fresh: [fresh(), fresh()],
    ata,
    auxiliary,
    theirs,
    theirAta,
    joint,
    twin,
    multisig,
    stakes: [fresh(), fresh()],
    theirStake: fresh(),
    vote: fresh(),
    derived,
    promised,
    seeded,
    seededStake,
    nonce: fresh(),
    ownTable: tableAddress(key),
    theirNewTable: tableAddress(attacker),
    oldTable: fresh(),
    theirTable: fresh(),
    table: fresh(),
    tableContents,
    secondTable: fresh(),
    secondContents: [...tableContents].reverse(),
    late: fresh(),
    active: [fresh(), fresh()],
    owner: { key, derived: new Set([derived, promised, wrapped]), multisigs: new Set([multisig]) },
  };
}

function tableAddress(authority: Pubkey): { address: Pubkey; bump: number } {
  const program = PROGRAM_IDS['address-lookup-table'];
  const address = findProgramAddress([pubkeyBytes(authority), u64(TABLE_SLOT)], program);
  for (let bump = 255; bump >= 0; bump--) {
    const seeds = [pubkeyBytes(authority), u64(TABLE_SLOT), Uint8Array.of(bump), pubkeyBytes(program)];
    if (pubkeyAt(sha256(...seeds, Buffer.from('ProgramDerivedAddress'))) === address)
      return { address, bump };
  }
  throw new RangeError('no bump');
}

export interface World {
  readonly cast: Cast;
  readonly accounts: ReadonlyMap<Pubkey, VmAccount>;
  readonly trusted: boolean;
}

const EMPTY: VmAccount = { lamports: 0n, owner: pubkeyBytes(PROGRAM_IDS.system), data: Buffer.alloc(0) };

function account(program: Pubkey, data: Buffer, lamports: bigint): VmAccount {
  return { lamports, owner: pubkeyBytes(program), data };
}

function rentOf(length: number): bigint {
  return BigInt(128 + length) * 6960n;
}

/**
 * A state of all accounts of a cast. `trusted` keeps the promise of `ownAccounts: trusted`; otherwise the key's own
 * accounts may have a foreign owner, delegate or close authority.
 */
export function createWorld(cast: Cast, random: Random, trusted: boolean): World {
  const accounts = new Map<Pubkey, VmAccount>();
  const wallet = (lamports: bigint): VmAccount => ({ ...EMPTY, lamports });
  const sol = (): bigint => BigInt(1 + random.below(50)) * 1_000_000_000n;
  accounts.set(cast.key, wallet(sol()));
  accounts.set(cast.attacker, wallet(sol()));
  accounts.set(cast.payer, wallet(sol()));
  for (const fresh of cast.fresh) accounts.set(fresh, random.chance(15) ? wallet(1_000_000n) : EMPTY);

  ASSETS.forEach((asset, index) => {
    const amount = (): bigint => (random.chance(30) ? 0n : BigInt(random.below(1_000_000_000)));
    const hold = (owner: Pubkey, hostile: boolean): VmAccount => {
      const held = amount();
      const native = asset.mint === NATIVE_MINT;
      const data = tokenAccount({
        mint: asset.mint,
        owner: hostile && random.chance(34) ? cast.attacker : owner,
        amount: held,
        ...(hostile && random.chance(50) ? { delegate: { to: cast.attacker, amount: amount() } } : {}),
        ...(hostile && random.chance(34) ? { closeAuthority: cast.attacker } : {}),
        ...(asset.program === PROGRAM_IDS['token-2022'] && asset.fee
          ? { extensions: TRANSFER_FEE_AMOUNT }
          : {}),
      });
      // Lamports above the rent, as anyone may send them there.
      const excess = !native && random.chance(30) ? 1_000_000n : 0n;
      return account(asset.program, data, rentOf(data.length) + excess + (native ? held : 0n));
    };
    const put = (address: Pubkey | undefined, state: VmAccount): void => {
      if (address !== undefined) accounts.set(address, state);
    };
    const hostile = (): boolean => !trusted && random.chance(30);
    put(cast.ata[index], random.chance(15) ? EMPTY : hold(cast.key, hostile()));
    put(cast.auxiliary[index], random.chance(10) ? EMPTY : hold(cast.key, hostile()));
    put(cast.theirs[index], hold(cast.attacker, false));
    put(cast.theirAta[index], random.chance(20) ? EMPTY : hold(cast.attacker, false));
    put(cast.joint[index], hold(cast.multisig, false));
    const mint = mintAccount(
      cast.attacker,
      asset.decimals,
      asset.fee ? transferFeeConfig(cast.attacker, 250, 1n << 40n) : undefined,
    );
    if (asset.mint !== NATIVE_MINT)
      accounts.set(asset.mint, account(asset.program, mint, rentOf(mint.length)));
  });
  accounts.set(cast.twin, EMPTY);
  const multisig = multisigAccount(random.chance(50) ? 2 : 1, [cast.key, cast.key]);
  const joint = multisigAccount(2, [cast.key, cast.attacker]);
  accounts.set(cast.multisig, account(PROGRAM_IDS.token, random.chance(50) ? multisig : joint, rentOf(355)));

  for (const stake of cast.stakes) {
    accounts.set(stake, account(PROGRAM_IDS.stake, stakeAccount(cast.key, cast.key), STAKE_RENT + sol()));
  }
  accounts.set(
    cast.theirStake,
    account(PROGRAM_IDS.stake, stakeAccount(cast.key, cast.attacker), STAKE_RENT + sol()),
  );
  accounts.set(cast.derived, random.chance(20) ? EMPTY : wallet(sol()));
  accounts.set(cast.promised, wallet(sol()));
  accounts.set(cast.seeded, EMPTY);
  accounts.set(cast.seededStake, EMPTY);
  accounts.set(cast.nonce, account(PROGRAM_IDS.system, nonceAccount(cast.key), rentOf(80) + sol()));
  accounts.set(cast.ownTable.address, EMPTY);
  accounts.set(cast.theirNewTable.address, EMPTY);
  const theirs = lookupTable(cast.attacker, [cast.payer], null);
  accounts.set(cast.theirTable, account(PROGRAM_IDS['address-lookup-table'], theirs, rentOf(theirs.length)));
  const mine = lookupTable(cast.key, [cast.payer], random.chance(50) ? 2n : null);
  accounts.set(cast.oldTable, account(PROGRAM_IDS['address-lookup-table'], mine, rentOf(mine.length)));
  accounts.set(cast.late, wallet(1_000_000_000n));
  accounts.set(cast.vote, account(VOTE_PROGRAM, voteAccount(cast.attacker, cast.attacker), 1_000_000_000n));
  for (const stake of cast.active) {
    const lamports = STAKE_RENT + 5_000_000_000n;
    accounts.set(stake, account(PROGRAM_IDS.stake, activeStake(cast.key, cast.vote, lamports), lamports));
  }
  const table = lookupTable(null, [...cast.tableContents, cast.late], null);
  accounts.set(cast.table, account(PROGRAM_IDS['address-lookup-table'], table, rentOf(table.length)));
  const second = lookupTable(null, [...cast.secondContents, cast.late], null);
  accounts.set(cast.secondTable, account(PROGRAM_IDS['address-lookup-table'], second, rentOf(second.length)));
  return { cast, accounts, trusted };
}
