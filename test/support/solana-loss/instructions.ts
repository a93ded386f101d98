import { pubkeyBytes, wellKnown, type Pubkey } from '../../../src/core/pubkey.js';
import { NATIVE_MINT } from '../../../src/solana/native-mint.js';
import { PROGRAM_IDS } from '../../../src/solana/program-names.js';
import { call, computeUnitPrice, memo, u32, u64, type TestInstruction } from '../solana-build.js';
import { STAKE_RENT, TOKEN_RENT } from './layouts.js';
import type { Random } from './random.js';
import { ASSETS, SEED, TABLE_SLOT, type Cast } from './world.js';

/** One or more instructions that belong together. */
export type Recipe = (cast: Cast, random: Random) => TestInstruction[];

const SYSVAR_RENT = wellKnown('SysvarRent111111111111111111111111111111111');
const SYSVAR_CLOCK = wellKnown('SysvarC1ock11111111111111111111111111111111');
const SYSVAR_STAKE_HISTORY = wellKnown('SysvarStakeHistory1111111111111111111111111');
const SYSVAR_BLOCKHASHES = wellKnown('SysvarRecentB1ockHashes11111111111111111111');
const STAKE_CONFIG = wellKnown('StakeConfig11111111111111111111111111111111');
const SYSTEM = PROGRAM_IDS.system;
const STAKE = PROGRAM_IDS.stake;
const TABLES = PROGRAM_IDS['address-lookup-table'];

/** Some token account of the world: mostly the key's. */
function account(cast: Cast, random: Random, index: number): Pubkey {
  const pools = [cast.ata, cast.ata, cast.ata, cast.auxiliary, cast.auxiliary, cast.joint, cast.theirs];
  return random.pick(pools)[index] ?? cast.key;
}

function receiver(cast: Cast, random: Random, index: number): Pubkey {
  const pools = [cast.theirs, cast.theirs, cast.theirAta, cast.ata, cast.auxiliary];
  return random.pick(pools)[index] ?? cast.attacker;
}

/** The authority an instruction names for `source`, with the signers that follow it. */
function authority(cast: Cast, random: Random, source: Pubkey): Pubkey[] {
  if (cast.joint.includes(source) && random.chance(80)) return [cast.multisig, cast.key, cast.attacker];
  if ([...cast.theirs, ...cast.theirAta].includes(source) && random.chance(80)) return [cast.attacker];
  return [random.chance(95) ? cast.key : cast.attacker];
}

const assetIndex = (random: Random): number => random.below(ASSETS.length);
const asset = (index: number): (typeof ASSETS)[number] => {
  const found = ASSETS[index];
  if (found === undefined) throw new RangeError('no such asset');
  return found;
};
const small = (random: Random): bigint => BigInt(random.below(300_000));
const lamports = (random: Random): bigint =>
  BigInt(random.pick([0, 890_880, 2_100_000, 3_000_000, 900_000_000]));
const wallet = (cast: Cast, random: Random): Pubkey =>
  random.pick([
    cast.attacker,
    cast.attacker,
    cast.ata[0] ?? cast.key,
    cast.payer,
    cast.twin,
    cast.derived,
    cast.key,
    cast.late,
    ...cast.fresh,
  ]);

const tokenProgram = (random: Random, index: number): Pubkey =>
  random.chance(96) ? asset(index).program : random.pick([PROGRAM_IDS.token, PROGRAM_IDS['token-2022']]);

export const systemRecipes: Readonly<Record<string, Recipe>> = {
  pay: (cast, random) => [
    call(
      SYSTEM,
      [random.chance(90) ? cast.key : cast.payer, wallet(cast, random)],
      u32(2),
      u64(lamports(random)),
    ),
  ],
  createAccount: (cast, random) => {
    const owner = random.pick([SYSTEM, PROGRAM_IDS.token, cast.attacker]);
    const space = random.pick([0n, 165n]);
    const fresh = random.chance(85) ? random.pick(cast.fresh) : cast.key;
    return [
      call(
        SYSTEM,
        [cast.key, fresh],
        u32(0),
        u64(TOKEN_RENT + small(random)),
        u64(space),
        pubkeyBytes(owner),
      ),
    ];
  },
  createWithSeed: (cast, random) => {
    const owner = random.pick([PROGRAM_IDS.token, SYSTEM]);
    const target = owner === SYSTEM ? cast.derived : cast.seeded;
    const data = [
      u32(3),
      pubkeyBytes(cast.key),
      u64(BigInt(SEED.length)),
      SEED,
      u64(TOKEN_RENT),
      u64(165n),
      pubkeyBytes(owner),
    ];
    return [call(SYSTEM, [random.chance(80) ? cast.key : cast.payer, target, cast.key], ...data)];
  },
  createAllowPrefund: (cast, random) => {
    const fresh = random.chance(85) ? random.pick(cast.fresh) : cast.key;
    const funder = random.chance(fresh === cast.key ? 20 : 90) ? cast.key : cast.payer;
    return [
      call(
        SYSTEM,
        [fresh, funder],
        u32(13),
        u64(TOKEN_RENT),
        u64(0n),
        pubkeyBytes(random.pick([SYSTEM, cast.attacker])),
      ),
    ];
  },
  transferWithSeed: (cast, random) => [
    call(
      SYSTEM,
      [cast.derived, cast.key, wallet(cast, random)],
      u32(11),
      u64(lamports(random)),
      u64(BigInt(SEED.length)),
      SEED,
      pubkeyBytes(SYSTEM),
    ),
  ],
  assign: (cast, random) => [
    call(SYSTEM, [random.chance(80) ? cast.key : cast.attacker], u32(1), pubkeyBytes(cast.attacker)),
  ],
  allocate: (cast, random) => [
    call(SYSTEM, [random.chance(80) ? cast.key : random.pick(cast.fresh)], u32(8), u64(8n)),
  ],
  allocateWithSeed: (cast) => [
    call(
      SYSTEM,
      [cast.promised, cast.key],
      u32(9),
      pubkeyBytes(cast.key),
      u64(BigInt(SEED.length)),
      SEED,
      u64(8n),
      pubkeyBytes(cast.attacker),
    ),
  ],
  assignWithSeed: (cast) => [
    call(
      SYSTEM,
      [cast.promised, cast.key],
      u32(10),
      pubkeyBytes(cast.key),
      u64(BigInt(SEED.length)),
      SEED,
      pubkeyBytes(cast.attacker),
    ),
  ],
  withdrawNonce: (cast, random) => [
    call(
      SYSTEM,
      [cast.nonce, wallet(cast, random), SYSVAR_BLOCKHASHES, SYSVAR_RENT, cast.key],
      u32(5),
      u64(1_000_000n),
    ),
  ],
  authorizeNonce: (cast) => [call(SYSTEM, [cast.nonce, cast.key], u32(7), pubkeyBytes(cast.attacker))],
};

export const tokenRecipes: Readonly<Record<string, Recipe>> = {
  transfer: (cast, random) => {
    // A mint with a fee takes checked transfers only.
    const index = random.pick([0, 1, 2, 2]);
    // Its mint is known only for the key's associated accounts.
    const source = random.chance(80) ? (cast.ata[index] ?? cast.key) : account(cast, random, index);
    const accounts = [source, receiver(cast, random, index), ...authority(cast, random, source)];
    return [call(tokenProgram(random, index), accounts, 3, u64(small(random)))];
  },
  transferChecked: (cast, random) => {
    const index = assetIndex(random);
    const source = account(cast, random, index);
    const accounts = [
      source,
      asset(index).mint,
      receiver(cast, random, index),
      ...authority(cast, random, source),
    ];
    return [call(tokenProgram(random, index), accounts, 12, u64(small(random)), asset(index).decimals)];
  },
  transferWithFee: (cast, random) => {
    const source = account(cast, random, 3);
    const amount = small(random);
    const fee = (amount * 250n + 9999n) / 10000n;
    const accounts = [source, asset(3).mint, receiver(cast, random, 3), ...authority(cast, random, source)];
    return [call(asset(3).program, accounts, 26, 1, u64(amount), asset(3).decimals, u64(fee))];
  },
  approve: (cast, random) => {
    const index = assetIndex(random);
    const source = account(cast, random, index);
    const auth = authority(cast, random, source);
    if (random.chance(50))
      return [call(asset(index).program, [source, cast.attacker, ...auth], 4, u64(small(random)))];
    const accounts = [source, asset(index).mint, cast.attacker, ...auth];
    return [call(asset(index).program, accounts, 13, u64(small(random)), asset(index).decimals)];
  },
  revoke: (cast, random) => {
    const index = assetIndex(random);
    const source = account(cast, random, index);
    return [call(asset(index).program, [source, ...authority(cast, random, source)], 5)];
  },
  setAuthority: (cast, random) => {
    const index = assetIndex(random);
    const source = account(cast, random, index);
    const kind = random.pick([2, 3]);
    return [
      call(
        asset(index).program,
        [source, ...authority(cast, random, source)],
        6,
        kind,
        1,
        pubkeyBytes(cast.attacker),
      ),
    ];
  },
  burn: (cast, random) => {
    const index = 1 + random.below(3);
    const source = account(cast, random, index);
    const accounts = [source, asset(index).mint, ...authority(cast, random, source)];
    return random.chance(50)
      ? [call(asset(index).program, accounts, 8, u64(small(random)))]
      : [call(asset(index).program, accounts, 15, u64(small(random)), asset(index).decimals)];
  },
  close: (cast, random) => {
    const index = random.chance(70) ? 0 : assetIndex(random);
    const source = account(cast, random, index);
    const to = random.pick([cast.key, cast.key, cast.attacker]);
    return [call(asset(index).program, [source, to, ...authority(cast, random, source)], 9)];
  },
  emptyAndClose: (cast, random) => {
    const index = 1 + random.below(3);
    const source = random.pick([cast.ata, cast.auxiliary])[index] ?? cast.key;
    const to = random.chance(75) ? cast.key : cast.attacker;
    return [call(asset(index).program, [source, to, cast.key], 9)];
  },
  unwrap: (cast, random) => {
    const source = account(cast, random, 0);
    const to = random.pick([cast.key, cast.key, cast.attacker]);
    const accounts = [source, to, ...authority(cast, random, source)];
    return [
      random.chance(50)
        ? call(asset(0).program, accounts, 45, 0)
        : call(asset(0).program, accounts, 45, 1, u64(small(random))),
    ];
  },
  withdrawExcess: (cast, random) => {
    const index = assetIndex(random);
    const source = account(cast, random, index);
    const to = random.pick([cast.key, cast.attacker]);
    return [call(asset(index).program, [source, to, ...authority(cast, random, source)], 38)];
  },
  sync: (cast, random) => [call(PROGRAM_IDS.token, [account(cast, random, 0)], 17)],
  wrap: (cast, random) => [
    createAta(cast, random, 0, cast.key),
    call(SYSTEM, [cast.key, cast.ata[0] ?? cast.key], u32(2), u64(small(random))),
    call(PROGRAM_IDS.token, [cast.ata[0] ?? cast.key], 17),
  ],
  closeAndReopen: (cast, random) => [
    call(PROGRAM_IDS.token, [cast.ata[0] ?? cast.key, cast.key, cast.key], 9),
    createAta(cast, random, 0, cast.key),
  ],
  openAuxiliary: (cast, random) => {
    const fresh = random.pick(cast.fresh);
    const index = random.below(2);
    const owner = random.chance(70) ? cast.key : cast.attacker;
    const lamportsIn = TOKEN_RENT + (index === 0 ? small(random) : 0n);
    return [
      call(SYSTEM, [cast.key, fresh], u32(0), u64(lamportsIn), u64(165n), pubkeyBytes(PROGRAM_IDS.token)),
      call(PROGRAM_IDS.token, [fresh, asset(index).mint], 18, pubkeyBytes(owner)),
    ];
  },
  // Opened for one, closed, and opened again for the other within one message.
  reopen: (cast, random) => {
    const fresh = random.pick(cast.fresh);
    const open = (payer: Pubkey, owner: Pubkey, lamportsIn: bigint): TestInstruction[] => [
      call(SYSTEM, [payer, fresh], u32(0), u64(lamportsIn), u64(165n), pubkeyBytes(PROGRAM_IDS.token)),
      call(PROGRAM_IDS.token, [fresh, asset(1).mint], 18, pubkeyBytes(owner)),
    ];
    const [first, second] = random.chance(50) ? [cast.attacker, cast.key] : [cast.key, cast.attacker];
    return [
      ...open(cast.key, first, TOKEN_RENT + 1_000_000n + small(random)),
      call(PROGRAM_IDS.token, [fresh, first, first], 9),
      ...open(random.pick([cast.key, second]), second, TOKEN_RENT),
    ];
  },
  batch: (cast, random) => {
    const program = random.chance(45) ? PROGRAM_IDS.token : PROGRAM_IDS['token-2022'];
    const names = [
      'transfer',
      'transferChecked',
      'approve',
      'setAuthority',
      'close',
      'unwrap',
      'transferWithFee',
      'burn',
    ];
    const inner: TestInstruction[] = [];
    const count = 1 + random.below(3);
    for (let attempt = 0; inner.length < count && attempt < 40; attempt++) {
      const name =
        attempt < 20 && random.chance(75)
          ? random.pick([
              'transfer',
              'transfer',
              'transfer',
              'transferChecked',
              'transferChecked',
              'transferWithFee',
            ])
          : random.pick(names);
      const [candidate] = tokenRecipes[name]?.(cast, random) ?? [];
      if (candidate?.program === program) inner.push(candidate);
    }
    const data = inner.flatMap((each) => [Buffer.from([each.accounts.length, each.data.length]), each.data]);
    return [
      call(
        program,
        inner.flatMap((each) => each.accounts),
        255,
        ...data,
      ),
    ];
  },
};

function createAta(cast: Cast, random: Random, index: number, owner: Pubkey): TestInstruction {
  const { program, mint } = asset(index);
  const own = owner === cast.key;
  const address = (own ? cast.ata : cast.theirAta)[index] ?? cast.key;
  const payer = random.chance(85) ? cast.key : cast.payer;
  return call(
    PROGRAM_IDS['associated-token'],
    [payer, address, owner, mint, SYSTEM, program],
    random.chance(45) ? 0 : 1,
  );
}

export const otherRecipes: Readonly<Record<string, Recipe>> = {
  createAta: (cast, random) => [
    createAta(cast, random, assetIndex(random), random.pick([cast.key, cast.attacker])),
  ],
  createTwin: (cast) => [
    call(
      PROGRAM_IDS['associated-token'],
      [cast.key, cast.twin, cast.key, NATIVE_MINT, SYSTEM, PROGRAM_IDS['token-2022']],
      1,
    ),
  ],
  memo: () => [memo('hello')],
  price: (_cast, random) => [computeUnitPrice(BigInt(random.below(5_000_000)))],
  stakeWithdraw: (cast, random) => {
    const source = random.pick([...cast.stakes, cast.theirStake]);
    const withdrawer = random.chance(85) ? cast.key : cast.attacker;
    const accounts = [source, wallet(cast, random), SYSVAR_CLOCK, SYSVAR_STAKE_HISTORY, withdrawer];
    return [call(STAKE, accounts, u32(4), u64(random.chance(20) ? 0n : small(random)))];
  },
  stakeAuthorize: (cast, random) => [
    call(
      STAKE,
      [random.pick(cast.stakes), SYSVAR_CLOCK, cast.key],
      u32(1),
      pubkeyBytes(cast.attacker),
      u32(random.below(2)),
    ),
  ],
  stakeOpen: (cast, random) => {
    const fresh = random.chance(50) ? random.pick(cast.fresh) : cast.seededStake;
    const amount = u64(STAKE_RENT + 1_000_000n + small(random));
    const create =
      fresh === cast.seededStake
        ? call(
            SYSTEM,
            [cast.key, fresh, cast.key],
            u32(3),
            pubkeyBytes(cast.key),
            u64(BigInt(SEED.length)),
            SEED,
            amount,
            u64(200n),
            pubkeyBytes(STAKE),
          )
        : call(SYSTEM, [cast.key, fresh], u32(0), amount, u64(200n), pubkeyBytes(STAKE));
    const withdrawer = random.chance(75) ? cast.key : cast.attacker;
    return [
      create,
      call(
        STAKE,
        [fresh, SYSVAR_RENT],
        u32(0),
        pubkeyBytes(cast.key),
        pubkeyBytes(withdrawer),
        lockup(cast, random),
      ),
    ];
  },
  // Opened for one, emptied, and opened again for the other within one message.
  stakeReopen: (cast, random) => {
    const fresh = random.pick(cast.fresh);
    const amount = STAKE_RENT + 1_000_000n + small(random);
    const initialise = (owner: Pubkey): TestInstruction =>
      call(STAKE, [fresh, SYSVAR_RENT], u32(0), pubkeyBytes(owner), pubkeyBytes(owner), Buffer.alloc(48));
    const { attacker } = cast;
    return [
      call(SYSTEM, [cast.key, fresh], u32(0), u64(amount), u64(200n), pubkeyBytes(STAKE)),
      initialise(attacker),
      call(STAKE, [fresh, attacker, SYSVAR_CLOCK, SYSVAR_STAKE_HISTORY, attacker], u32(4), u64(amount)),
      call(SYSTEM, [attacker, fresh], u32(2), u64(STAKE_RENT)),
      initialise(cast.key),
    ];
  },
  stakeSplit: (cast, random) => {
    const fresh = random.pick(cast.fresh);
    const payer = random.chance(50) ? cast.key : cast.payer;
    return [
      call(SYSTEM, [payer, fresh], u32(0), u64(STAKE_RENT), u64(200n), pubkeyBytes(STAKE)),
      call(STAKE, [random.pick(cast.stakes), fresh, cast.key], u32(3), u64(1_000_000n + small(random))),
    ];
  },
  stakeMerge: (cast, random) => {
    const [to, from] = random.chance(80) ? cast.stakes : [cast.theirStake, cast.stakes[0]];
    return [call(STAKE, [to, from, SYSVAR_CLOCK, SYSVAR_STAKE_HISTORY, cast.key], u32(7))];
  },
  stakeMove: (cast, random) => {
    const [from, to] = random.chance(80) ? cast.stakes : [cast.stakes[0], cast.theirStake];
    return [call(STAKE, [from, to, cast.key], u32(17), u64(small(random)))];
  },
  stakeMoveActive: (cast, random) => {
    const [from, second] = cast.active;
    const to = random.pick([second, second, cast.stakes[0], cast.theirStake]);
    // The least delegation stays behind, and arrives.
    return [call(STAKE, [from, to, cast.key], u32(16), u64(1_000_000_000n + small(random)))];
  },
  stakeDelegate: (cast, random) => [
    call(
      STAKE,
      [random.pick(cast.stakes), cast.vote, SYSVAR_CLOCK, SYSVAR_STAKE_HISTORY, STAKE_CONFIG, cast.key],
      u32(2),
    ),
  ],
  stakeDeactivate: (cast, random) => [
    call(STAKE, [random.pick(cast.active), SYSVAR_CLOCK, cast.key], u32(5)),
  ],
  tableCreate: (cast, random) => {
    const payer = random.chance(85) ? cast.key : cast.payer;
    const authority = random.chance(60) ? cast.key : cast.attacker;
    const table = authority === cast.key ? cast.ownTable : cast.theirNewTable;
    const create = call(
      TABLES,
      [table.address, authority, payer, SYSTEM],
      u32(0),
      u64(TABLE_SLOT),
      table.bump,
    );
    return random.chance(50) ? [create] : [create, extend(table.address, authority, cast, random)];
  },
  tableExtend: (cast, random) =>
    random.chance(50)
      ? [extend(cast.oldTable, cast.key, cast, random)]
      : [extend(cast.theirTable, cast.attacker, cast, random)],
  tableClose: (cast, random) => [
    call(TABLES, [cast.oldTable, cast.key, random.pick([cast.key, cast.key, cast.attacker])], u32(4)),
  ],
};

/** Mostly none; else until a time or an epoch that is far off, with the attacker for custodian. */
function lockup(cast: Cast, random: Random): Buffer {
  if (random.chance(80)) return Buffer.alloc(48);
  const [time, epoch] = random.pick([
    [1n << 40n, 0n],
    [0n, 1n << 40n],
  ] as const);
  return Buffer.concat([u64(time), u64(epoch), pubkeyBytes(cast.attacker)]);
}

function extend(table: Pubkey, authority: Pubkey, cast: Cast, random: Random): TestInstruction {
  const count = 1 + random.below(4);
  const payer = random.chance(85) ? cast.key : cast.payer;
  return call(
    TABLES,
    [table, authority, payer, SYSTEM],
    u32(2),
    u64(BigInt(count)),
    random.bytes(32 * count),
  );
}
