import { describe, expect, it } from 'vitest';
import { pubkeyBytes, type Pubkey } from '../../../src/core/pubkey.js';
import { deriveAssociatedTokenAccount } from '../../../src/solana/derive.js';
import { NATIVE_MINT } from '../../../src/solana/native-mint.js';
import { PROGRAM_IDS } from '../../../src/solana/program-names.js';
import {
  assessed,
  K,
  only,
  OTHER,
  STRANGER,
  summary,
  TOKEN_2022_MINT,
  TOKEN_MINT,
} from '../../support/solana-assess.js';
import { key, u64, type TestInstruction } from '../../support/solana-build.js';

const T = PROGRAM_IDS.token;
const T22 = PROGRAM_IDS['token-2022'];
const wrapped = deriveAssociatedTokenAccount(K, T, NATIVE_MINT);
const own = deriveAssociatedTokenAccount(K, T, TOKEN_MINT.mint);
const own22 = deriveAssociatedTokenAccount(K, T22, TOKEN_2022_MINT.mint);
const multisig = key(40);

function token(
  program: Pubkey,
  accounts: readonly Pubkey[],
  ...data: readonly (number | Uint8Array)[]
): TestInstruction {
  return {
    program,
    accounts,
    data: Buffer.concat(
      data.map((part) => (typeof part === 'number' ? [part] : [...part])).map((part) => Buffer.from(part)),
    ),
  };
}

function batch(program: Pubkey, inner: readonly TestInstruction[]): TestInstruction {
  const parts = inner.flatMap((each) => [Buffer.from([each.accounts.length, each.data.length]), each.data]);
  return token(
    program,
    inner.flatMap((each) => each.accounts),
    255,
    ...parts,
  );
}

const NO = 'INSTRUCTION_NOT_ALLOWED';

describe('the Token programs', () => {
  const cases: readonly (readonly [string, TestInstruction, string])[] = [
    [
      'Transfer from the own account of a declared mint',
      token(T, [own, STRANGER, K], 3, u64(5n)),
      '5 TOK to stranger',
    ],
    ['Transfer of wrapped SOL', token(T, [wrapped, STRANGER, K], 3, u64(5n)), '5 SOL to stranger'],
    ['Transfer from an account of unknown mint', token(T, [OTHER, STRANGER, K], 3, u64(5n)), NO],
    ['Transfer under the other program', token(T22, [own, STRANGER, K], 3, u64(5n)), NO],
    ['Transfer between strangers', token(T, [OTHER, STRANGER, STRANGER], 3, u64(5n)), 'nothing'],
    [
      'Transfer as a member of a multisig',
      token(T, [own, STRANGER, multisig, OTHER, K], 3, u64(5n)),
      '5 TOK to stranger',
    ],
    ['TransferChecked', token(T, [OTHER, TOKEN_MINT.mint, STRANGER, K], 12, u64(5n), 6), '5 TOK to stranger'],
    [
      'TransferChecked as a member of a multisig',
      token(T, [OTHER, TOKEN_MINT.mint, STRANGER, multisig, OTHER, K], 12, u64(5n), 6),
      '5 TOK to stranger',
    ],
    [
      'TransferChecked of wrapped SOL',
      token(T, [OTHER, NATIVE_MINT, STRANGER, K], 12, u64(5n), 9),
      '5 SOL to stranger',
    ],
    [
      'TransferChecked to the own account',
      token(T, [OTHER, TOKEN_MINT.mint, own, K], 12, u64(5n), 6),
      `5 TOK to ${own} (own)`,
    ],
    [
      'TransferChecked of a mint of the same address under the other program',
      token(T22, [OTHER, TOKEN_MINT.mint, own, K], 12, u64(5n), 6),
      `5 TOK to ${own}`,
    ],
    [
      'TransferChecked with trailing bytes',
      token(T, [OTHER, TOKEN_MINT.mint, STRANGER, K], 12, u64(5n), 6, 0),
      NO,
    ],
    [
      'TransferChecked with other decimals than the policy declares',
      token(T, [OTHER, TOKEN_MINT.mint, STRANGER, K], 12, u64(5n), 9),
      NO,
    ],
    [
      'TransferChecked of an undeclared mint, whatever its decimals',
      token(T, [OTHER, STRANGER, STRANGER, K], 12, u64(5n), 9),
      '5 unknown to stranger',
    ],
    ['TransferChecked without accounts', token(T, [OTHER, TOKEN_MINT.mint, K], 12, u64(5n), 6), NO],
    ['Approve', token(T, [own, STRANGER, K], 4, u64(5n)), NO],
    ['ApproveChecked', token(T, [own, TOKEN_MINT.mint, STRANGER, K], 13, u64(5n), 6), NO],
    ['Approve by another', token(T, [OTHER, STRANGER, STRANGER], 4, u64(5n)), 'nothing'],
    ['Revoke', token(T, [own, K], 5), 'nothing'],
    ['SetAuthority', token(T, [own, K], 6, 2, 1, pubkeyBytes(STRANGER)), NO],
    ['MintTo', token(T, [TOKEN_MINT.mint, STRANGER, K], 7, u64(5n)), NO],
    ['Burn', token(T, [own, TOKEN_MINT.mint, K], 8, u64(5n)), NO],
    ['BurnChecked', token(T, [own, TOKEN_MINT.mint, K], 15, u64(5n), 6), NO],
    ['CloseAccount to the key', token(T, [wrapped, K, K], 9), 'nothing'],
    ['CloseAccount to a stranger', token(T, [wrapped, STRANGER, K], 9), NO],
    ['CloseAccount to the own account', token(T, [wrapped, own, K], 9), NO],
    ['FreezeAccount', token(T, [OTHER, TOKEN_MINT.mint, K], 10), NO],
    ['SyncNative', token(T, [wrapped], 17), 'nothing'],
    ['InitializeAccount for the key', token(T, [OTHER, TOKEN_MINT.mint, K, STRANGER], 1), 'nothing'],
    ['WithdrawExcessLamports', token(T, [own, K, K], 38), NO],
    ['UnwrapLamports to the key', token(T, [wrapped, K, K], 45, 0), 'nothing'],
    ['UnwrapLamports of an amount to the key', token(T, [wrapped, K, K], 45, 1, u64(5n)), 'nothing'],
    ['UnwrapLamports to a stranger', token(T, [wrapped, STRANGER, K], 45, 0), NO],
    ['UnwrapLamports with another option', token(T, [wrapped, K, K], 45, 2), NO],
    ['UnwrapLamports of none with an amount', token(T, [wrapped, K, K], 45, 0, u64(5n)), NO],
    ['tag 46', token(T, [own, K], 46), NO],
    ['no data', token(T, [own, K]), NO],
    [
      'Token-2022 TransferChecked',
      token(T22, [own22, TOKEN_2022_MINT.mint, STRANGER, K], 12, u64(5n), 6),
      '5 T22 to stranger',
    ],
    [
      'Token-2022 TransferChecked with hook accounts',
      token(T22, [own22, TOKEN_2022_MINT.mint, STRANGER, K, OTHER], 12, u64(5n), 6),
      NO,
    ],
    [
      'Token-2022 TransferCheckedWithFee',
      token(T22, [own22, TOKEN_2022_MINT.mint, STRANGER, K], 26, 1, u64(5n), 6, u64(1n)),
      '5 T22 to stranger',
    ],
    [
      'Token-2022 TransferCheckedWithFee with other decimals',
      token(T22, [own22, TOKEN_2022_MINT.mint, STRANGER, K], 26, 1, u64(5n), 5, u64(1n)),
      NO,
    ],
    ['Token-2022 HarvestWithheldTokens', token(T22, [own22, K], 26, 4), NO],
    ['Token-2022 confidential transfer', token(T22, [own22, K], 27, 7), NO],
    ...[28, 29, 30, 31, 34, 35, 36, 37, 42, 46].map(
      (tag) => [`Token-2022 extension ${String(tag)}`, token(T22, [own22, K], tag, 0), NO] as const,
    ),
  ];
  for (const [name, instruction, expected] of cases) {
    it(`${name}: ${expected}`, () => {
      expect(summary(only(instruction))).toBe(expected);
    });
  }

  it.each([T, T22])('says what is missing of an instruction without data', (program) => {
    const messages = only(token(program, [own, K])).refusals.map(({ message }) => message);
    expect(messages).toEqual(['a token instruction needs a tag']);
  });

  it('I2: an extension is refused even where the key takes no part', () => {
    const report = only(token(T22, [OTHER, STRANGER], 27, 7));
    expect(report.refusals).toMatchObject([{ code: NO, instruction: 0 }]);
  });
});

describe('Batch', () => {
  const pay = token(T, [own, STRANGER, K], 3, u64(5n));
  const theirs = token(T, [OTHER, STRANGER, STRANGER], 3, u64(9n));

  for (const program of [T, T22]) {
    it(`is opened under ${program === T ? 'Token' : 'Token-2022'}`, () => {
      const source = program === T ? own : own22;
      const inner = token(program, [source, STRANGER, K], 3, u64(5n));
      const { instructions } = assessed([batch(program, [theirs, inner])]);
      expect(instructions.map((report) => [report.index, report.inner, report.touchesKey])).toEqual([
        [0, 0, false],
        [0, 1, true],
      ]);
      expect(instructions.map(summary)).toEqual([
        'nothing',
        `5 ${program === T ? 'TOK' : 'T22'} to stranger`,
      ]);
    });
  }

  it('hides no approval', () => {
    const { instructions } = assessed([batch(T, [pay, token(T, [own, STRANGER, K], 4, u64(5n))])]);
    expect(instructions[1]?.refusals).toMatchObject([{ code: NO, instruction: 0, inner: 1 }]);
  });

  const broken: readonly (readonly [string, TestInstruction])[] = [
    ['an empty one', token(T, [], 255)],
    ['one inside another', batch(T, [batch(T, [pay])])],
    ['one cut short', token(T, [own, STRANGER, K], 255, 3, 10, 3, u64(5n))],
    ['one that lacks accounts', token(T, [own, STRANGER], 255, 3, 9, 3, u64(5n))],
    ['one with accounts left over', token(T, [own, STRANGER, K, OTHER], 255, 3, 9, 3, u64(5n))],
    ['one with half a header', token(T, [own, STRANGER, K], 255, 3, 9, 3, u64(5n), 0)],
  ];
  for (const [name, instruction] of broken) {
    it(`is refused: ${name}`, () => {
      const { instructions } = assessed([instruction]);
      expect(instructions[0]?.refusals[0]).toMatchObject({ code: NO, instruction: 0 });
    });
  }

  it('counts against the bound of 64 instructions', () => {
    const sync = token(T, [], 17);
    const of = (count: number): TestInstruction => batch(T, new Array<TestInstruction>(count).fill(sync));
    const codes = (...instructions: TestInstruction[]): (string | undefined)[] =>
      assessed(instructions).instructions.map((report) => report.refusals[0]?.message);
    const tooMany = /takes the message above 64/;
    expect(codes(of(64)).some((message) => tooMany.test(message ?? ''))).toBe(false);
    expect(codes(of(65))).toEqual([expect.stringMatching(tooMany)]);
    expect(codes(of(64), sync).filter((message) => tooMany.test(message ?? ''))).toHaveLength(1);
    expect(codes(of(40), of(25)).filter((message) => tooMany.test(message ?? ''))).toHaveLength(1);
  });
});
