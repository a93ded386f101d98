import { describe, expect, it } from 'vitest';
import { pubkeyBytes, toAddress, type Pubkey } from '../../../src/core/pubkey.js';
import { assess } from '../../../src/solana/assess.js';
import type { Assessment } from '../../../src/solana/assessment.js';
import { PROGRAM_IDS } from '../../../src/solana/program-names.js';
import { readMessage } from '../../../src/solana/read-message.js';
import {
  ATA,
  BLOCKHASHES,
  CLOCK,
  FAKE,
  FAKE_MINT,
  K,
  MINT,
  MINT_22,
  NO,
  OPEN_TABLE,
  OWN,
  OWN_22,
  RENT,
  STAKE,
  STAKE_ACCOUNT,
  SYSTEM,
  T,
  T22,
  TABLES,
  THEIRS,
  THEIRS_22,
  THIEF,
  WRAPPED,
  approve,
  base,
  cast,
  codesOf,
  context,
  create,
  seed,
  judged,
  thief,
  type Attempt,
} from '../../support/solana-attempts.js';
import {
  batch,
  call,
  compile,
  computeUnitPrice,
  key,
  systemTransfer,
  u32,
  u64,
  type TestInstruction,
} from '../../support/solana-build.js';

const NEW = key(7007);

/** One good instruction of each program that reads its data: all of them are refused with a byte too many. */
const tails: readonly TestInstruction[] = [
  systemTransfer(K, THIEF, 1n),
  call(T, [OWN, MINT.mint, THEIRS, K], 12, u64(1n), MINT.decimals),
  call(T22, [OWN_22, MINT_22.mint, THEIRS_22, K], 26, 1, u64(1n), MINT_22.decimals, u64(0n)),
  create(T, MINT.mint),
  call(STAKE, [cast.active[0], CLOCK, K], u32(5)),
  call(TABLES, [OPEN_TABLE, K], u32(3)),
  call(TABLES, [OPEN_TABLE, K, K, SYSTEM], u32(2), u64(1n), Buffer.alloc(32)),
  call(TABLES, [key(7006), K, K, SYSTEM], u32(0), u64(1n), 255),
  computeUnitPrice(1n),
];

/** Refused all the same: the chain refuses it today, or only a state this world lacks would show it. */
const unshown: readonly Attempt[] = [
  ['a false token program, which could choose a size', create(FAKE, FAKE_MINT), NO],
  ['CreateAccount over the key', call(SYSTEM, [THIEF, K], u32(0), u64(0n), u64(0n), thief), NO],
  [
    'CreateAccountWithSeed over the key',
    call(SYSTEM, [THIEF, K], u32(3), thief, ...seed, u64(0n), u64(0n), thief),
    NO,
  ],
  ['InitializeNonceAccount', call(SYSTEM, [K, BLOCKHASHES, RENT], u32(6), thief), NO],
  ['a system instruction of tomorrow', call(SYSTEM, [K], u32(14)), NO],
  ['MintTo', call(T, [MINT.mint, THEIRS, K], 7, u64(1n)), NO],
  ['MintToChecked', call(T, [MINT.mint, THEIRS, K], 14, u64(1n), 6), NO],
  ['FreezeAccount', call(T, [OWN, MINT.mint, K], 10), NO],
  ['ThawAccount', call(T, [OWN, MINT.mint, K], 11), NO],
  ['InitializeMint', call(T, [K, RENT], 0, 6, thief, 0, Buffer.alloc(32)), NO],
  ['InitializeMint2', call(T, [K], 20, 6, thief, 0), NO],
  ['InitializeMultisig', call(T, [OWN, RENT, K], 2, 1), NO],
  ['InitializeMultisig2', call(T, [OWN, K], 19, 1), NO],
  ['a token instruction of tomorrow', call(T, [OWN, K], 46), NO],
  ['RecoverNested', call(ATA, [OWN, MINT.mint, WRAPPED, OWN, MINT.mint, K, T], 2), NO],
  ['an associated account instruction of tomorrow', call(ATA, [K, OWN, K, MINT.mint, SYSTEM, T], 3), NO],
  ['AuthorizeWithSeed', call(STAKE, [STAKE_ACCOUNT, K, CLOCK], u32(8), thief, u32(1), ...seed, base), NO],
  [
    'AuthorizeCheckedWithSeed',
    call(STAKE, [STAKE_ACCOUNT, K, CLOCK, THIEF], u32(11), u32(1), ...seed, base),
    NO,
  ],
  ['DeactivateDelinquent', call(STAKE, [K, cast.vote, cast.vote], u32(14)), NO],
  ['Redelegate, which was 15', call(STAKE, [STAKE_ACCOUNT, cast.vote, K], u32(15)), NO],
  ['a lookup table instruction of tomorrow', call(TABLES, [OPEN_TABLE, K], u32(5)), NO],
  ['a compute budget instruction of tomorrow', call(PROGRAM_IDS['compute-budget'], [], 5, u64(1n)), NO],
  ['accounts for a signature check', call(PROGRAM_IDS.ed25519, [K], 0, 0), NO],
  ['a signature check cut short', call(PROGRAM_IDS.secp256k1, [], 1), NO],
  [
    'accounts for a transfer hook',
    call(T22, [OWN_22, MINT_22.mint, THEIRS_22, K, FAKE], 12, u64(1n), MINT_22.decimals),
    NO,
  ],
  [
    'accounts for the hook of a transfer with a fee',
    call(T22, [OWN_22, MINT_22.mint, THEIRS_22, K, FAKE], 26, 1, u64(1n), MINT_22.decimals, u64(0n)),
    NO,
  ],
  ['a fee instruction as long as a transfer', call(T22, [OWN_22, K, K, K], 26, 0, Buffer.alloc(17)), NO],
  ['an unknown program that never sees the key', call(FAKE, [THEIRS, THIEF], 9), 'PROGRAM_NOT_ALLOWED'],
  ['an extension that never sees the key', call(T22, [THEIRS_22, THIEF], 34, 0), NO],
  ['an unchecked transfer under the other program', call(T22, [OWN, THEIRS, K], 3, u64(1n)), NO],
  ['too few accounts', call(T, [OWN, K], 9), NO],
  ['UnwrapLamports with an option of tomorrow', call(T, [WRAPPED, K, K], 45, 2), NO],
  ['UnwrapLamports of none, with an amount', call(T, [WRAPPED, K, K], 45, 0, u64(1n)), NO],
  ['UnwrapLamports of some, without one', call(T, [WRAPPED, K, K], 45, 1), NO],
  ['compute budget with accounts', call(PROGRAM_IDS['compute-budget'], [K], 3, u64(1n)), NO],
  ...tails.map((each): Attempt => [
    `a byte after the data of ${toAddress(each.program)}`,
    { ...each, data: Buffer.concat([each.data, Buffer.of(0)]) },
    NO,
  ]),
  ...[SYSTEM, T, T22, STAKE, TABLES].map((program): Attempt => [
    `no data for ${toAddress(program)}`,
    call(program, [K]),
    NO,
  ]),
  ['an empty Batch', call(T, [], 255), NO],
  ['a Batch that ends within an instruction', call(T, [OWN, THEIRS, K], 255, 3, 10, 3, u64(1n)), NO],
  ['a Batch that lacks accounts', call(T, [OWN, K], 255, 3, 9, 3, u64(1n)), NO],
  ['a Batch with accounts left over', call(T, [OWN, THEIRS, K, K], 255, 3, 9, 3, u64(1n)), NO],
  ['a Batch in a Batch', batch(T, batch(T, approve(T, OWN))), NO],
  ['a Batch of 65', batch(T, ...new Array<TestInstruction>(65).fill(call(T, [OWN], 17))), NO],
  // Every extension, and those inside that the fee extension does not share with a plain transfer.
  ...[25, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 39, 40, 41, 42, 43, 44, 46].map((tag): Attempt => [
    `extension ${String(tag)} of Token-2022`,
    call(T22, [OWN_22, K], tag, 0),
    NO,
  ]),
  ...[0, 2, 3, 4, 5].map((tag): Attempt => [
    `instruction ${String(tag)} of transfer fees`,
    call(T22, [OWN_22, K], 26, tag),
    NO,
  ]),
  ['a confidential transfer', call(T22, [OWN_22, MINT_22.mint, THEIRS_22, K], 27, 7, Buffer.alloc(40)), NO],
  ['a confidential transfer with a fee', call(T22, [OWN_22, MINT_22.mint, THEIRS_22, K], 27, 13), NO],
];

describe('I2: what is refused whatever the policy says', () => {
  it.each(unshown)('%s', (_name, instruction, code) => {
    expect(judged(instruction).codes).toEqual([code]);
  });
  it.each(tails)('and the good ones are not refused: %#', (instruction) => {
    expect(judged(instruction).codes).toEqual([]);
  });

  const assessed = (signers: readonly Pubkey[], ...instructions: readonly TestInstruction[]): Assessment =>
    assess(readMessage(compile('legacy', signers, instructions)), context);

  it('a transaction that the key does not sign', () => {
    expect(codesOf(assessed([THIEF], systemTransfer(THIEF, K, 1n)))).toEqual(['NOT_A_SIGNER']);
    expect(codesOf(assessed([THIEF], systemTransfer(THIEF, THEIRS, 1n)))).toEqual(['NOT_A_SIGNER']);
  });

  it('two Batches that together pass the bound', () => {
    const of = (count: number): TestInstruction =>
      batch(T, ...new Array<TestInstruction>(count).fill(call(T, [], 3)));
    const tooMany = (...instructions: TestInstruction[]): boolean =>
      assessed([K], ...instructions).instructions.some((each) =>
        each.refusals.some(({ message }) => message.includes('above 64 instructions')),
      );
    expect(tooMany(of(40), of(24))).toBe(false);
    expect(tooMany(of(40), of(25))).toBe(true);
  });

  const opened = (program: Pubkey, ...then: readonly TestInstruction[]): Pubkey | null | undefined =>
    assessed([K], call(SYSTEM, [K, NEW], u32(0), u64(9n), u64(200n), pubkeyBytes(program)), ...then)
      .instructions[0]?.debits[0]?.destination;
  const stake = (
    staker: Pubkey,
    withdrawer: Pubkey,
    lockup: Uint8Array = Buffer.alloc(48),
  ): TestInstruction =>
    call(STAKE, [NEW, RENT], u32(0), pubkeyBytes(staker), pubkeyBytes(withdrawer), lockup);
  const locked = (at: number): Buffer => {
    const lockup = Buffer.alloc(48);
    lockup[at] = 1;
    return lockup;
  };
  const account = (owner: Pubkey, at = NEW): TestInstruction =>
    call(T, [at, MINT.mint], 18, pubkeyBytes(owner));

  it("an account that is the key's alone has no stranger to judge", () => {
    expect(opened(STAKE, stake(K, K))).toBeNull();
    expect(opened(STAKE, call(STAKE, [NEW, RENT, K, K], u32(9)))).toBeNull();
    expect(opened(T, account(K))).toBeNull();
    expect(opened(T, call(T, [NEW, MINT.mint], 16, pubkeyBytes(K)))).toBeNull();
    expect(opened(T, call(T, [NEW, MINT.mint, K, RENT], 1))).toBeNull();
  });
  it.each([
    ['another stakes', opened(STAKE, stake(THIEF, K))],
    ['another withdraws', opened(STAKE, stake(K, THIEF))],
    ['another stakes, checked', opened(STAKE, call(STAKE, [NEW, RENT, THIEF, K], u32(9)))],
    ['another withdraws, checked', opened(STAKE, call(STAKE, [NEW, RENT, K, THIEF], u32(9)))],
    ['it is locked for a time', opened(STAKE, stake(K, K, locked(0)))],
    ['it is locked for epochs', opened(STAKE, stake(K, K, locked(8)))],
    ['another owns it', opened(T, account(THIEF))],
    ['another owns it, the old way', opened(T, call(T, [NEW, MINT.mint, THIEF, K], 1))],
    ['it is of another program', opened(FAKE, account(K))],
    ['it is not the one that is opened', opened(T, call(T, [THEIRS, NEW], 18, pubkeyBytes(K)))],
    ['nobody opens it', opened(T)],
  ])('but it has one where %s', (_why, destination) => {
    expect(destination).toBe(NEW);
  });
});
