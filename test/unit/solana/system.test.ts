import { describe, expect, it } from 'vitest';
import { pubkeyBytes, type Pubkey } from '../../../src/core/pubkey.js';
import { deriveAssociatedTokenAccount } from '../../../src/solana/derive.js';
import { deriveWithSeed } from '../../support/derive-with-seed.js';
import { NATIVE_MINT } from '../../../src/solana/native-mint.js';
import { PROGRAM_IDS } from '../../../src/solana/program-names.js';
import { assessed, K, only, OTHER, STRANGER, summary } from '../../support/solana-assess.js';
import { systemTransfer, u32, u64, type TestInstruction } from '../../support/solana-build.js';

const SEED = Buffer.from('seed');
const system = (accounts: readonly Pubkey[], ...data: readonly Uint8Array[]): TestInstruction => ({
  program: PROGRAM_IDS.system,
  accounts,
  data: Buffer.concat(data),
});
const seeded = (tag: number, base: Pubkey, ...rest: readonly Uint8Array[]): Buffer =>
  Buffer.concat([u32(tag), pubkeyBytes(base), u64(BigInt(SEED.length)), SEED, ...rest]);
const owner = pubkeyBytes(STRANGER);
const derived = deriveWithSeed(K, SEED, PROGRAM_IDS.system);

describe('the System program', () => {
  const cases: readonly (readonly [string, TestInstruction, string])[] = [
    ['Transfer to a stranger', systemTransfer(K, STRANGER, 7n), '7 SOL to stranger'],
    ['Transfer to itself', systemTransfer(K, K, 7n), 'nothing'],
    ['Transfer to the key', systemTransfer(STRANGER, K, 7n), 'nothing'],
    [
      'Transfer of the largest amount',
      systemTransfer(K, STRANGER, 2n ** 64n - 1n),
      '18446744073709551615 SOL to stranger',
    ],
    [
      'Transfer with a reference after it',
      system([K, STRANGER, OTHER], u32(2), u64(5n)),
      '5 SOL to stranger',
    ],
    [
      'Transfer with trailing bytes',
      system([K, STRANGER], u32(2), u64(5n), Buffer.alloc(1)),
      'INSTRUCTION_NOT_ALLOWED',
    ],
    ['Transfer cut short', system([K, STRANGER], u32(2)), 'INSTRUCTION_NOT_ALLOWED'],
    ['Transfer without a receiver', system([K], u32(2), u64(5n)), 'INSTRUCTION_NOT_ALLOWED'],
    ['CreateAccount', system([K, STRANGER], u32(0), u64(9n), u64(0n), owner), '9 SOL to stranger'],
    ['CreateAccount paid by another', system([STRANGER, OTHER], u32(0), u64(9n), u64(0n), owner), 'nothing'],
    [
      'CreateAccount over the key',
      system([STRANGER, K], u32(0), u64(9n), u64(0n), owner),
      'INSTRUCTION_NOT_ALLOWED',
    ],
    ['Assign', system([K], u32(1), owner), 'INSTRUCTION_NOT_ALLOWED'],
    ['Assign of another', system([STRANGER], u32(1), owner), 'nothing'],
    ['CreateAccountWithSeed', system([K, OTHER, K], seeded(3, K, u64(9n), u64(0n), owner)), '9 SOL to other'],
    [
      'CreateAccountWithSeed with the key as base only',
      system([STRANGER, OTHER, K], seeded(3, K, u64(9n), u64(0n), owner)),
      'nothing',
    ],
    [
      'CreateAccountWithSeed with a seed of 2^63',
      system([K, OTHER], u32(3), pubkeyBytes(K), u64(1n << 63n), u64(9n), u64(0n), owner),
      'INSTRUCTION_NOT_ALLOWED',
    ],
    ['AdvanceNonceAccount', system([OTHER, STRANGER, K], u32(4)), 'DURABLE_NONCE_NOT_ALLOWED'],
    ['AdvanceNonceAccount of another', system([OTHER, STRANGER], u32(4)), 'DURABLE_NONCE_NOT_ALLOWED'],
    [
      'WithdrawNonceAccount',
      system([OTHER, STRANGER, OTHER, OTHER, K], u32(5), u64(1n)),
      'INSTRUCTION_NOT_ALLOWED',
    ],
    ['InitializeNonceAccount', system([K], u32(6), owner), 'INSTRUCTION_NOT_ALLOWED'],
    ['AuthorizeNonceAccount', system([OTHER, K], u32(7), owner), 'INSTRUCTION_NOT_ALLOWED'],
    ['Allocate', system([K], u32(8), u64(8n)), 'INSTRUCTION_NOT_ALLOWED'],
    ['AllocateWithSeed', system([derived, K], seeded(9, K, u64(8n), owner)), 'INSTRUCTION_NOT_ALLOWED'],
    ['AssignWithSeed', system([derived, K], seeded(10, K, owner)), 'INSTRUCTION_NOT_ALLOWED'],
    [
      'TransferWithSeed, the key as base',
      system([derived, K, STRANGER], u32(11), u64(6n), u64(BigInt(SEED.length)), SEED, owner),
      '6 SOL to stranger',
    ],
    [
      'TransferWithSeed back to the key',
      system([derived, K, K], u32(11), u64(6n), u64(BigInt(SEED.length)), SEED, owner),
      'nothing',
    ],
    ['UpgradeNonceAccount', system([OTHER], u32(12)), 'nothing'],
    [
      'CreateAccountAllowPrefund',
      system([STRANGER, K], u32(13), u64(9n), u64(0n), owner),
      '9 SOL to stranger',
    ],
    [
      'CreateAccountAllowPrefund over the key',
      system([K, STRANGER], u32(13), u64(9n), u64(0n), owner),
      'INSTRUCTION_NOT_ALLOWED',
    ],
    ['tag 14', system([K], u32(14)), 'INSTRUCTION_NOT_ALLOWED'],
    [
      'tag 2 in another byte order',
      system([K, STRANGER], Buffer.from([0, 0, 0, 2]), u64(1n)),
      'INSTRUCTION_NOT_ALLOWED',
    ],
    ['no data', system([K]), 'INSTRUCTION_NOT_ALLOWED'],
  ];
  for (const [name, instruction, expected] of cases) {
    it(`${name}: ${expected}`, () => {
      expect(summary(only(instruction))).toBe(expected);
    });
  }

  it('knows its own wrapped SOL under Token, and not its twin under Token-2022', () => {
    const wrapped = deriveAssociatedTokenAccount(K, PROGRAM_IDS.token, NATIVE_MINT);
    const twin = deriveAssociatedTokenAccount(K, PROGRAM_IDS['token-2022'], NATIVE_MINT);
    expect(only(systemTransfer(K, wrapped, 5n)).debits).toMatchObject([
      { amount: 5n, own: true, reason: 'wrap' },
    ]);
    expect(only(systemTransfer(K, twin, 5n)).debits).toMatchObject([
      { amount: 5n, own: false, reason: 'transfer' },
    ]);
  });

  it('finds AdvanceNonceAccount at any index', () => {
    const advance = system([OTHER, STRANGER, K], u32(4));
    const { instructions } = assessed([systemTransfer(K, STRANGER, 1n), advance]);
    expect(instructions[1]?.refusals).toMatchObject([{ code: 'DURABLE_NONCE_NOT_ALLOWED', instruction: 1 }]);
  });
});

describe('accounts opened in the same message', () => {
  const create = (program: Pubkey): TestInstruction =>
    system([K, OTHER], u32(0), u64(900n), u64(200n), pubkeyBytes(program));
  const initialize = (owner: Pubkey): TestInstruction => ({
    program: PROGRAM_IDS.token,
    accounts: [OTHER, NATIVE_MINT],
    data: Buffer.concat([Buffer.from([18]), pubkeyBytes(owner)]),
  });
  const stake = (withdrawer: Pubkey, lockup = Buffer.alloc(48)): TestInstruction => ({
    program: PROGRAM_IDS.stake,
    accounts: [OTHER, STRANGER],
    data: Buffer.concat([u32(0), pubkeyBytes(K), pubkeyBytes(withdrawer), lockup]),
  });
  const funding = (...instructions: TestInstruction[]): string => {
    const [first] = assessed(instructions).instructions;
    return first === undefined ? '' : summary(first);
  };

  it("counts them without a stranger when they are the key's own", () => {
    expect(funding(create(PROGRAM_IDS.token), initialize(K))).toBe('900 SOL to nobody');
    expect(funding(create(PROGRAM_IDS.stake), stake(K))).toBe('900 SOL to nobody');
  });

  it('names the account when it is not', () => {
    expect(funding(create(PROGRAM_IDS.token), initialize(STRANGER))).toBe('900 SOL to other');
    expect(funding(create(PROGRAM_IDS.stake), stake(STRANGER))).toBe('900 SOL to other');
    expect(funding(create(PROGRAM_IDS.token))).toBe('900 SOL to other');
    // Another program owned it first and could have emptied it.
    expect(funding(create(STRANGER), initialize(K))).toBe('900 SOL to other');
    // A custodian could hold it back.
    expect(funding(create(PROGRAM_IDS.stake), stake(K, Buffer.alloc(48, 1)))).toBe('900 SOL to other');
  });

  it('names the account when somebody else had it first, or has it after the key', () => {
    const tail = (instruction: TestInstruction, program: Pubkey, data: Uint8Array): TestInstruction => ({
      ...instruction,
      program,
      data,
    });
    const closed = tail({ ...initialize(K), accounts: [OTHER, K, K] }, PROGRAM_IDS.token, Buffer.of(9));
    const emptied = tail(
      { ...initialize(K), accounts: [OTHER, STRANGER, STRANGER, STRANGER, STRANGER] },
      PROGRAM_IDS.stake,
      Buffer.concat([u32(4), u64(900n)]),
    );
    const token = PROGRAM_IDS.token;
    const hostile: readonly (readonly TestInstruction[])[] = [
      // Opened for the stranger, closed to him, opened for the key with what it takes.
      [create(token), initialize(STRANGER), closed, create(token), initialize(K)],
      [create(token), initialize(K), closed, create(token), initialize(STRANGER)],
      [create(PROGRAM_IDS.stake), stake(STRANGER), emptied, stake(K)],
      // Anything at all in between.
      [create(token), systemTransfer(STRANGER, OTHER, 1n), initialize(K)],
    ];
    for (const instructions of hostile) expect(funding(...instructions)).toBe('900 SOL to other');
    // Once it is the key's, what follows cannot take it.
    expect(funding(create(token), initialize(K), closed)).toBe('900 SOL to nobody');
  });
});
