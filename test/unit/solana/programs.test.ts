import { describe, expect, it } from 'vitest';
import { pubkeyBytes, toAddress, wellKnown, type Pubkey } from '../../../src/core/pubkey.js';
import { keyContext } from '../../../src/solana/key-context.js';
import { deriveAssociatedTokenAccount } from '../../../src/solana/derive.js';
import { PROGRAM_IDS } from '../../../src/solana/program-names.js';
import {
  context,
  K,
  only,
  OTHER,
  STRANGER,
  summary,
  TOKEN_2022_MINT,
  TOKEN_MINT,
} from '../../support/solana-assess.js';
import { key, u32, u64, type TestInstruction } from '../../support/solana-build.js';

const NO = 'INSTRUCTION_NOT_ALLOWED';
const make = (
  program: Pubkey,
  accounts: readonly Pubkey[],
  ...data: readonly Uint8Array[]
): TestInstruction => ({
  program,
  accounts,
  data: Buffer.concat(data),
});
const byte = (...values: number[]): Buffer => Buffer.from(values);

function run(cases: readonly (readonly [string, TestInstruction, string])[]): void {
  for (const [name, instruction, expected] of cases) {
    it(`${name}: ${expected}`, () => {
      expect(summary(only(instruction))).toBe(expected);
    });
  }
}

describe('the associated token account program', () => {
  const A = PROGRAM_IDS['associated-token'];
  const create = (
    payer: Pubkey,
    wallet: Pubkey,
    mint: Pubkey,
    program: Pubkey,
    ...data: Uint8Array[]
  ): TestInstruction =>
    make(
      A,
      [payer, deriveAssociatedTokenAccount(wallet, program, mint), wallet, mint, PROGRAM_IDS.system, program],
      ...data,
    );
  run([
    [
      'Create for a stranger',
      create(K, STRANGER, TOKEN_MINT.mint, TOKEN_MINT.program),
      '2039280 SOL to stranger',
    ],
    [
      'CreateIdempotent for the key',
      create(K, K, TOKEN_MINT.mint, TOKEN_MINT.program, byte(1)),
      '2039280 SOL to nobody',
    ],
    [
      'Create of an undeclared Token mint',
      create(K, K, key(150), TOKEN_MINT.program, byte(0)),
      '2039280 SOL to nobody',
    ],
    ['Create paid by another', create(STRANGER, K, TOKEN_MINT.mint, TOKEN_MINT.program), 'nothing'],
    [
      'Create of a declared Token-2022 mint',
      create(K, K, TOKEN_2022_MINT.mint, TOKEN_2022_MINT.program),
      '2282880 SOL to nobody',
    ],
    [
      'Create of an undeclared Token-2022 mint',
      create(K, K, key(150), TOKEN_2022_MINT.program),
      'ASSET_NOT_ALLOWED',
    ],
    ['Create under a false token program', create(K, K, TOKEN_MINT.mint, key(151)), NO],
    ['Create without accounts', make(A, [K, OTHER, STRANGER]), NO],
    ['RecoverNested', make(A, [OTHER, OTHER, OTHER, OTHER, OTHER, K, TOKEN_MINT.program], byte(2)), NO],
    ['tag 3', create(K, K, TOKEN_MINT.mint, TOKEN_MINT.program, byte(3)), NO],
    ['trailing bytes', create(K, K, TOKEN_MINT.mint, TOKEN_MINT.program, byte(1, 0)), NO],
  ]);

  it('names the Token-2022 mint that the policy would have to declare', () => {
    const [refused] = only(create(K, K, key(150), TOKEN_2022_MINT.program)).refusals;
    expect(refused?.message).toContain(toAddress(key(150)));
  });

  it('takes the size of an account from the declaration', () => {
    const declared = keyContext({
      key: K,
      assets: [{ ...TOKEN_2022_MINT, accountRent: 3_000_000n }],
      tables: new Map(),
      rent: context.tokenAccountRent,
    });
    const report = only(create(K, STRANGER, TOKEN_2022_MINT.mint, TOKEN_2022_MINT.program), declared);
    expect(report.debits).toMatchObject([{ amount: 3_000_000n, destination: STRANGER }]);
  });
});

describe('the Stake program', () => {
  const S = PROGRAM_IDS.stake;
  run([
    [
      'Withdraw to a stranger',
      make(S, [OTHER, STRANGER, OTHER, OTHER, K], u32(4), u64(5n)),
      '5 SOL to stranger',
    ],
    ['Withdraw to the key', make(S, [OTHER, K, OTHER, OTHER, K], u32(4), u64(5n)), 'nothing'],
    ['Withdraw by another', make(S, [OTHER, STRANGER, OTHER, OTHER, STRANGER], u32(4), u64(5n)), 'nothing'],
    ['Deactivate', make(S, [OTHER, OTHER, K], u32(5)), 'nothing'],
    ['Authorize', make(S, [OTHER, OTHER, K], u32(1), pubkeyBytes(STRANGER), u32(1)), NO],
    ['AuthorizeChecked', make(S, [OTHER, OTHER, K, STRANGER], u32(10), u32(1)), NO],
    ['SetLockup', make(S, [OTHER, K], u32(6), byte(0, 0, 0)), NO],
    ['Split, which is not allowed by default', make(S, [OTHER, STRANGER, K], u32(3), u64(5n)), NO],
    ['MoveStake (16 on the wire)', make(S, [OTHER, STRANGER, K], u32(16), u64(5n)), NO],
    ['MoveLamports (17 on the wire)', make(S, [OTHER, STRANGER, K], u32(17), u64(5n)), NO],
    ['tag 15', make(S, [OTHER, STRANGER, K], u32(15)), NO],
    ['trailing bytes', make(S, [OTHER, OTHER, K], u32(5), byte(0)), NO],
  ]);

  it('asks the destination rule about the vote account of a delegation', () => {
    const report = only(make(S, [OTHER, STRANGER, OTHER, OTHER, OTHER, K], u32(2)));
    expect(report).toMatchObject({
      name: 'DelegateStake',
      destinations: [STRANGER],
      debits: [],
      refusals: [],
    });
  });

  it('takes the list of instructions from the key', () => {
    const split = make(S, [OTHER, STRANGER, K], u32(3), u64(5n));
    expect(summary(only(split, { ...context, stake: new Set(['Split']) }))).toBe('nothing');
    const deactivate = make(S, [OTHER, OTHER, K], u32(5));
    expect(summary(only(deactivate, { ...context, stake: new Set(['Split']) }))).toBe(NO);
  });

  it('does not say of what no policy can list that it is not among what the key may use', () => {
    const why = (tag: number, rest: Uint8Array) =>
      only(make(S, [OTHER, OTHER, K], u32(tag), rest)).refusals.map(({ message }) => message);
    expect(why(1, byte(...new Array<number>(36).fill(0)))).toEqual(['Authorize is not allowed']);
    expect(why(3, u64(5n))).toEqual(['Split is not among the stake instructions this key may use']);
  });
});

describe('the lookup-table program', () => {
  const L = PROGRAM_IDS['address-lookup-table'];
  run([
    [
      'Create',
      make(L, [OTHER, K, K, PROGRAM_IDS.system], u32(0), u64(1n), byte(255)),
      '1280640 SOL to nobody',
    ],
    [
      'Create for a stranger',
      make(L, [OTHER, STRANGER, K, PROGRAM_IDS.system], u32(0), u64(1n), byte(255)),
      '1280640 SOL to stranger',
    ],
    [
      'Extend by two',
      make(L, [OTHER, K, K, PROGRAM_IDS.system], u32(2), u64(2n), Buffer.alloc(64)),
      '1336320 SOL to nobody',
    ],
    [
      'Extend with a false count',
      make(L, [OTHER, K, K, PROGRAM_IDS.system], u32(2), u64(3n), Buffer.alloc(64)),
      NO,
    ],
    ['Extend by 2^62', make(L, [OTHER, K, K, PROGRAM_IDS.system], u32(2), u64(1n << 62n)), NO],
    ['Freeze', make(L, [OTHER, K], u32(1)), NO],
    ['Deactivate', make(L, [OTHER, K], u32(3)), 'nothing'],
    ['Close to the key', make(L, [OTHER, K, K], u32(4)), 'nothing'],
    ['Close to a stranger', make(L, [OTHER, K, STRANGER], u32(4)), NO],
    ['tag 5', make(L, [OTHER, K], u32(5)), NO],
  ]);
});

describe('precompiles, compute budget, memo', () => {
  const B = PROGRAM_IDS['compute-budget'];
  run([
    ['an Ed25519 check of nothing', make(PROGRAM_IDS.ed25519, [], byte(0, 0)), 'nothing'],
    ['an Ed25519 check cut short', make(PROGRAM_IDS.ed25519, [], byte(1, 0)), NO],
    ['an Ed25519 check with accounts', make(PROGRAM_IDS.ed25519, [K], byte(0, 0)), NO],
    ['a Secp256k1 check without data', make(PROGRAM_IDS.secp256k1, []), NO],
    ['a Secp256r1 check', make(PROGRAM_IDS.secp256r1, [], byte(1, 0), Buffer.alloc(14)), 'nothing'],
    ['a heap request', make(B, [], byte(1), u32(1024)), 'nothing'],
    ['a unit limit with trailing bytes', make(B, [], byte(2), u32(1), byte(0)), NO],
    ['a unit price with accounts', make(B, [K], byte(3), u64(1n)), NO],
    ['compute budget tag 0', make(B, [], byte(0), u64(1n)), NO],
    ['a memo signed by the key', make(PROGRAM_IDS.memo, [K], Buffer.from('x')), 'nothing'],
  ]);
});

describe('programs that are no business of a wallet', () => {
  const vote = wellKnown('Vote111111111111111111111111111111111111111');
  const loader = wellKnown('BPFLoaderUpgradeab1e11111111111111111111111');
  run([
    ['a vote withdrawal', make(vote, [OTHER, STRANGER, K], u32(3), u64(1n)), 'OPAQUE_INSTRUCTION'],
    ['a program upgrade', make(loader, [OTHER, K], u32(3)), 'OPAQUE_INSTRUCTION'],
    ['a program of others', make(loader, [OTHER], u32(3)), 'PROGRAM_NOT_ALLOWED'],
  ]);
});
