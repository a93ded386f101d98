import { describe, expect, it } from 'vitest';
import { toAddress, type Pubkey } from '../../../src/core/pubkey.js';
import { sha256Hex } from '../../../src/core/sha256.js';
import { decide } from '../../../src/policy/decide.js';
import { parsePolicy, policyBlobs } from '../../../src/policy/parse-policy.js';
import type { Verdict } from '../../../src/policy/verdict.js';
import { deriveAssociatedTokenAccount } from '../../../src/solana/derive.js';
import { NATIVE_MINT } from '../../../src/solana/native-mint.js';
import { PROGRAM_IDS } from '../../../src/solana/program-names.js';
import {
  dammSwap,
  profileBlob,
  PROFILES,
  whirlpoolSwap,
  whirlpoolSwapV2,
  withProfiles,
} from '../../support/profiles.js';
import { questionOf } from '../../support/policy-question.js';
import { attestation, ListState } from '../../support/policy-state.js';
import { ledgerKeyText, policyBytes, pubkeyOf, walletText } from '../../support/policy-text.js';
import { compile, key as stranger, type TestInstruction } from '../../support/solana-build.js';

const K = pubkeyOf('trading-1');
const base = policyBytes({ keys: [walletText({ programs: ['whirlpool', 'damm-v2'] }), ledgerKeyText()] });
const policy = parsePolicy(withProfiles(base), { blob: profileBlob });
const trading = policy.keys.get('trading-1')!;
const usdc = deriveAssociatedTokenAccount(K, PROGRAM_IDS.token, policy.assets.get('USDC')!.token!.mint);
const wrapped = deriveAssociatedTokenAccount(K, PROGRAM_IDS.token, NATIVE_MINT);

const swap = { key: K, input: usdc, output: wrapped, amount: 25_000_000n, least: 1n };

function judge(instruction: TestInstruction): Verdict {
  const message = compile('legacy', [K], [instruction]);
  return decide(questionOf({ policy, key: trading }, message), new ListState(attestation()));
}

/** What is counted beside fee and rate, or the code of the first refusal. */
function outcome(instruction: TestInstruction): string {
  const verdict = judge(instruction);
  if (verdict.decision === 'deny') return verdict.failures[0].code;
  return verdict.counted
    .filter(({ unit }) => policy.assets.has(unit))
    .map(({ unit, amount }) =>
      unit === 'SOL' ? `${(amount / 1_000_000n).toString()}m SOL` : `${amount.toString()} ${unit}`,
    )
    .join(', ');
}

const withAccount = (instruction: TestInstruction, position: number, account: Pubkey): TestInstruction => ({
  ...instruction,
  accounts: instruction.accounts.with(position, account),
});

describe('profiles', () => {
  it.each(PROFILES)('$folder pins the IDL beside it and compiles with it alone', (profile) => {
    const plain = policyBytes();
    const text = withProfiles(plain, [profile]);
    expect(policyBlobs(text)).toEqual([sha256Hex(profile.idl)]);
    expect(parsePolicy(text, { blob: profileBlob }).programs.size).toBe(1);
    expect(profile.section).toContain('Not executed');
  });

  it.each<[string, TestInstruction, string]>([
    ['Whirlpool, A for B', whirlpoolSwap(swap), '25000000 USDC, 0m SOL'],
    ['Whirlpool, B for A', whirlpoolSwap(swap, 1, 0), '25000000 USDC, 0m SOL'],
    [
      'Whirlpool, wrapped SOL for a token',
      whirlpoolSwap({ ...swap, input: wrapped, output: usdc, amount: 300_000_000n }),
      '300m SOL',
    ],
    ['Whirlpool v2', whirlpoolSwapV2(swap), '25000000 USDC, 0m SOL'],
    ['DAMM v2', dammSwap(swap), '25000000 USDC, 0m SOL'],
    ['DAMM v2, exact input', dammSwap(swap, 0), '25000000 USDC, 0m SOL'],
    ['DAMM v2, partial fill', dammSwap(swap, 1), '25000000 USDC, 0m SOL'],
  ])('count the input of a swap: %s', (_name, instruction, expected) => {
    expect(outcome(instruction)).toBe(expected);
    expect(judge(instruction).exposure[0]?.accounts).toEqual(
      expect.arrayContaining([toAddress(K), toAddress(usdc), toAddress(wrapped)]),
    );
  });

  const NO = 'INSTRUCTION_NOT_ALLOWED';
  const theirs = stranger(9000);
  it.each<[string, TestInstruction, string]>([
    ['an exact output', whirlpoolSwap(swap, 0), NO],
    ['an exact output of DAMM v2', dammSwap(swap, 2), NO],
    ['any price at all', whirlpoolSwap({ ...swap, least: 0n }), NO],
    ['any price at all in v2', whirlpoolSwapV2({ ...swap, least: 0n }), NO],
    ['any price at all in DAMM v2', dammSwap({ ...swap, least: 0n }), NO],
    ['an output for somebody else', whirlpoolSwap({ ...swap, output: theirs }), NO],
    ['an output for somebody else in v2', whirlpoolSwapV2({ ...swap, output: theirs }), NO],
    ['an output for somebody else in DAMM v2', dammSwap({ ...swap, output: theirs }), NO],
    ['one account as input and output', dammSwap({ ...swap, output: usdc }), NO],
    ['another authority over the key’s accounts', whirlpoolSwap({ ...swap, key: theirs }), NO],
    ['another token program', whirlpoolSwapV2(swap, theirs), NO],
    ['a referral share', dammSwap(swap, null, theirs), NO],
    ['an own account as vault', withAccount(dammSwap(swap), 4, wrapped), NO],
    ['more than the limit', dammSwap({ ...swap, amount: 10_000_000_001n }), 'SPEND_LIMIT_EXCEEDED'],
    [
      'bytes after the arguments',
      { ...dammSwap(swap), data: Buffer.concat([dammSwap(swap).data, Buffer.of(0)]) },
      NO,
    ],
    [
      'an instruction of the program that is not declared',
      { ...dammSwap(swap), data: Buffer.alloc(8, 7) },
      NO,
    ],
  ])('refuse %s', (_name, instruction, code) => {
    expect(outcome(instruction)).toBe(code);
  });
});
