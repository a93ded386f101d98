import { describe, expect, it } from 'vitest';
import { pubkeyBytes, type Pubkey } from '../../../src/core/pubkey.js';
import { assess } from '../../../src/solana/assess.js';
import type { InstructionReport } from '../../../src/solana/assessment.js';
import { deriveAssociatedTokenAccount } from '../../../src/solana/derive.js';
import { keyContext, PLAIN_TOKEN_ACCOUNT_RENT } from '../../../src/solana/key-context.js';
import { PROGRAM_IDS } from '../../../src/solana/program-names.js';
import { readMessage } from '../../../src/solana/read-message.js';
import { K, OTHER, STRANGER, summary, TOKEN_2022_MINT, TOKEN_MINT } from '../../support/solana-assess.js';
import { encodeMessage, key, u32, u64 } from '../../support/solana-build.js';

const T = PROGRAM_IDS.token;
const T22 = PROGRAM_IDS['token-2022'];
const OWN = deriveAssociatedTokenAccount(K, T, TOKEN_MINT.mint);

/** Two tables the policy pins, and one it does not. */
const FIRST = { table: key(50), contents: [STRANGER, TOKEN_MINT.mint] };
const SECOND = { table: key(51), contents: [OTHER, OWN] };
const UNPINNED = key(52);

const context = keyContext({
  key: K,
  assets: [TOKEN_MINT, TOKEN_2022_MINT],
  tables: new Map([FIRST, SECOND].map(({ table, contents }) => [table, contents])),
  rent: PLAIN_TOKEN_ACCOUNT_RENT,
});

interface Loaded {
  readonly table: Pubkey;
  readonly index: number;
  readonly readonly?: boolean;
}
type Place = Pubkey | Loaded;

/** An account that nobody has told of. */
const HIDDEN: Loaded = { table: UNPINNED, index: 0 };

/** A v0 message of one instruction that K signs; `Loaded` places come through tables, in the chain's order. */
function report(
  program: Pubkey,
  places: readonly Place[],
  ...data: readonly (number | Uint8Array)[]
): string {
  return summary(first(program, places, data));
}

function first(
  program: Pubkey,
  places: readonly Place[],
  data: readonly (number | Uint8Array)[],
): InstructionReport {
  const isStatic = (place: Place): place is Pubkey => typeof place === 'string';
  const accounts = [...new Set([K, ...places.filter(isStatic), program])];
  const loaded = places.filter((place): place is Loaded => !isStatic(place));
  const tables = [...new Set(loaded.map(({ table }) => table))];
  const of = (table: Pubkey, readonly: boolean): Loaded[] =>
    loaded.filter((each) => each.table === table && (each.readonly ?? false) === readonly);
  const order: Place[] = [
    ...accounts,
    ...tables.flatMap((table) => of(table, false)),
    ...tables.flatMap((table) => of(table, true)),
  ];
  const bytes = encodeMessage({
    version: 0,
    accounts,
    signatures: 1,
    readonlyUnsigned: 1,
    instructions: [
      {
        program: accounts.indexOf(program),
        accounts: places.map((place) => order.indexOf(place)),
        data: Buffer.concat(data.map((part) => (typeof part === 'number' ? Buffer.of(part) : part))),
      },
    ],
    lookups: tables.map((table) => ({
      table,
      writable: of(table, false).map(({ index }) => index),
      readonly: of(table, true).map(({ index }) => index),
    })),
  });
  const [found] = assess(readMessage(bytes), context).instructions;
  if (found === undefined) throw new Error('no report');
  return found;
}

const UNRESOLVED = 'UNRESOLVED_LOOKUP';
const NO = 'INSTRUCTION_NOT_ALLOWED';

describe('I2: an account behind a table that is not pinned', () => {
  const system = PROGRAM_IDS.system;
  const seed = [u64(4n), Buffer.from('seed')];
  const owner = pubkeyBytes(STRANGER);
  const ata = PROGRAM_IDS['associated-token'];
  const stake = PROGRAM_IDS.stake;
  const tables = PROGRAM_IDS['address-lookup-table'];
  const mint = TOKEN_MINT.mint;
  const mint22 = TOKEN_2022_MINT.mint;
  const seeded = [u32(3), pubkeyBytes(K), ...seed, u64(9n), u64(0n), owner];
  const bySeed = [u32(11), u64(6n), ...seed, owner];
  const checked = [12, u64(5n), 6];
  const withFee = [26, 1, u64(5n), 6, u64(0n)];

  type Case = readonly [string, Pubkey, readonly Place[], readonly (number | Uint8Array)[], string];
  const needed: readonly Case[] = [
    ['who receives SOL', system, [K, HIDDEN], [u32(2), u64(5n)], UNRESOLVED],
    ['an account that is opened', system, [K, HIDDEN, K], seeded, UNRESOLVED],
    [
      'an account that is opened, prefunded',
      system,
      [HIDDEN, K],
      [u32(13), u64(9n), u64(0n), owner],
      UNRESOLVED,
    ],
    ['the source of a derived transfer', system, [HIDDEN, K, STRANGER], bySeed, UNRESOLVED],
    ['the receiver of a derived transfer', system, [OTHER, K, HIDDEN], bySeed, UNRESOLVED],
    ['the source of tokens', T, [HIDDEN, mint, STRANGER, K], checked, UNRESOLVED],
    ['the mint', T, [OWN, HIDDEN, STRANGER, K], checked, UNRESOLVED],
    ['who receives tokens', T, [OWN, mint, HIDDEN, K], checked, UNRESOLVED],
    ['the source of an unchecked transfer', T, [HIDDEN, STRANGER, K], [3, u64(5n)], UNRESOLVED],
    ['the receiver of an unchecked transfer', T, [OWN, HIDDEN, K], [3, u64(5n)], UNRESOLVED],
    ['the mint of a transfer with a fee', T22, [OTHER, HIDDEN, STRANGER, K], withFee, UNRESOLVED],
    ['the receiver of a transfer with a fee', T22, [OTHER, mint22, HIDDEN, K], withFee, UNRESOLVED],
    ['the receiver inside a Batch', T, [OWN, HIDDEN, K], [255, 3, 9, 3, u64(5n)], UNRESOLVED],
    ['who gets the lamports of a closed account', T, [OWN, HIDDEN, K], [9], NO],
    ['who gets unwrapped SOL', T, [OWN, HIDDEN, K], [45, 0], NO],
    ['the wallet an account is opened for', ata, [K, OTHER, HIDDEN, mint, system, T], [1], UNRESOLVED],
    ['the token program of a new account', ata, [K, OTHER, K, mint, system, HIDDEN], [1], UNRESOLVED],
    ['a Token-2022 mint, which says how large', ata, [K, OTHER, K, HIDDEN, system, T22], [1], UNRESOLVED],
    [
      'the stake that is withdrawn',
      stake,
      [HIDDEN, STRANGER, OTHER, OTHER, K],
      [u32(4), u64(5n)],
      UNRESOLVED,
    ],
    ['who receives it', stake, [OTHER, HIDDEN, STRANGER, STRANGER, K], [u32(4), u64(5n)], UNRESOLVED],
    ['the vote account', stake, [OTHER, HIDDEN, STRANGER, STRANGER, STRANGER, K], [u32(2)], UNRESOLVED],
    ['who may close a new table', tables, [OTHER, HIDDEN, K, system], [u32(0), u64(1n), 255], UNRESOLVED],
    ['who gets the rent of a table', tables, [OTHER, K, HIDDEN], [u32(4)], NO],
  ];
  it.each(needed)('is refused as %s', (_what, program, places, data, expected) => {
    expect(report(program, places, ...data)).toBe(expected);
  });

  const irrelevant: readonly Case[] = [
    ['a reference of a payment', system, [K, STRANGER, HIDDEN], [u32(2), u64(5n)], '5 SOL to stranger'],
    ['who receives from another', system, [OTHER, HIDDEN], [u32(2), u64(5n)], 'nothing'],
    [
      'an authority with the key behind it',
      T,
      [OWN, mint, STRANGER, HIDDEN, K],
      checked,
      '5 TOK to stranger',
    ],
    ['tokens of others', T, [HIDDEN, mint, STRANGER, OTHER], checked, 'nothing'],
    ['an account that is closed to the key', T, [HIDDEN, K, K], [9], 'nothing'],
    ['an account that is synchronised', T, [HIDDEN], [17], 'nothing'],
    ['an account whose approval ends', T, [HIDDEN, K], [5], 'nothing'],
    ['the new account', ata, [K, HIDDEN, STRANGER, mint, system, T], [1], '2039280 SOL to stranger'],
    ['a Token mint, whatever it is', ata, [K, OTHER, K, HIDDEN, system, T], [1], '2039280 SOL to nobody'],
    [
      'the wallet of an account another pays for',
      ata,
      [OTHER, STRANGER, HIDDEN, mint, system, T],
      [1],
      'nothing',
    ],
    ['stake that is deactivated', stake, [HIDDEN, OTHER, K], [u32(5)], 'nothing'],
    [
      'a table that is opened',
      tables,
      [HIDDEN, K, K, system],
      [u32(0), u64(1n), 255],
      '1280640 SOL to nobody',
    ],
  ];
  it.each(irrelevant)('matters not as %s', (_what, program, places, data, expected) => {
    expect(report(program, places, ...data)).toBe(expected);
  });
});

describe('I2: an account behind a pinned table', () => {
  const pay = (to: Place): string => report(PROGRAM_IDS.system, [K, to], u32(2), u64(5n));

  it('is known up to the end of what is pinned: what is appended later is anybody', () => {
    expect(pay({ table: FIRST.table, index: 0 })).toBe('5 SOL to stranger');
    expect(pay({ table: FIRST.table, index: FIRST.contents.length - 1 })).toBe(`5 SOL to ${TOKEN_MINT.mint}`);
    expect(pay({ table: FIRST.table, index: FIRST.contents.length })).toBe(UNRESOLVED);
    expect(pay({ table: FIRST.table, index: 255 })).toBe(UNRESOLVED);
  });

  it('stands after the static ones, all writable of all tables before any readonly one', () => {
    const places: readonly Place[] = [
      { table: SECOND.table, index: 1 },
      { table: FIRST.table, index: 1, readonly: true },
      { table: FIRST.table, index: 0 },
      K,
    ];
    expect(report(T, places, 12, u64(5n), 6)).toBe('5 TOK to stranger');
    // The same accounts in a message that swaps what is written with what is read.
    const swapped: readonly Place[] = [
      { table: SECOND.table, index: 1, readonly: true },
      { table: FIRST.table, index: 1 },
      { table: FIRST.table, index: 0, readonly: true },
      K,
    ];
    expect(report(T, swapped, 12, u64(5n), 6)).toBe('5 TOK to stranger');
  });

  it('is never the key, whose signature a table cannot ask for', () => {
    const { tables } = keyContext({
      key: K,
      assets: [],
      tables: new Map([[FIRST.table, [K]]]),
      rent: PLAIN_TOKEN_ACCOUNT_RENT,
    });
    expect(tables.get(FIRST.table)).toEqual([K]);
    const bytes = encodeMessage({
      version: 0,
      accounts: [OTHER, T],
      signatures: 1,
      readonlyUnsigned: 1,
      instructions: [{ program: 1, accounts: [2], data: Buffer.of(17) }],
      lookups: [{ table: FIRST.table, writable: [0], readonly: [] }],
    });
    const { slot, refusals } = assess(readMessage(bytes), { ...context, tables });
    expect(slot).toBeNull();
    expect(refusals).toMatchObject([{ code: 'NOT_A_SIGNER' }]);
  });
});
