import { describe, expect, it } from 'vitest';
import { toAddress, type Pubkey } from '../../../src/core/pubkey.js';
import { sha256Hex } from '../../../src/core/sha256.js';
import { decide } from '../../../src/policy/decide.js';
import { explain } from '../../../src/policy/explain/explain.js';
import { explainOffline } from '../../../src/policy/explain/explain-offline.js';
import { explanationText } from '../../../src/policy/explain/explanation-text.js';
import { parsePolicy, policyBlobs } from '../../../src/policy/parse-policy.js';
import type { Verdict } from '../../../src/policy/verdict.js';
import type { DeclaredInstruction } from '../../../src/solana/declared/declared-program.js';
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
  type Swap,
} from '../../support/profiles.js';
import {
  dbcSwap,
  dlmmSwap,
  dynamicAmmSwap,
  pumpAmmSwap,
  pumpSwap,
  stabbleSwap,
} from '../../support/profile-swaps.js';
import { questionOf } from '../../support/policy-question.js';
import { attestation, ListState } from '../../support/policy-state.js';
import {
  addressOf,
  ledgerKeyText,
  policyBytes,
  pubkeyOf,
  USDC_MINT,
  walletText,
} from '../../support/policy-text.js';
import { compile, key as stranger, wire, type TestInstruction } from '../../support/solana-build.js';

const K = pubkeyOf('trading-1');
const NAMES = ['whirlpool', 'damm-v2', 'dlmm', 'dbc', 'dynamic-amm', 'pump-amm', 'pump'];
const PROGRAMS = [...NAMES, 'stabble-stable', 'stabble-weighted'];
const base = policyBytes({
  assets: {
    USDC: { mint: USDC_MINT, program: 'token', decimals: 6 },
    EURC: { mint: toAddress(stranger(9001)), program: 'token', decimals: 6 },
  },
  keys: [walletText({ programs: PROGRAMS }), ledgerKeyText()],
});
const policy = parsePolicy(withProfiles(base), { blob: profileBlob });
const trading = policy.keys.get('trading-1')!;
const ownOf = (asset: string): Pubkey =>
  deriveAssociatedTokenAccount(K, PROGRAM_IDS.token, policy.assets.get(asset)!.token!.mint);
const usdc = ownOf('USDC');
const eurc = ownOf('EURC');
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

function declaration({ program, data }: TestInstruction): DeclaredInstruction {
  const declared = [...policy.programs.values()].find((each) => each.program === program);
  return declared!.instructions.find(({ discriminator }) =>
    Buffer.from(discriminator).equals(data.subarray(0, discriminator.length)),
  )!;
}

const withAccount = (instruction: TestInstruction, position: number, account: Pubkey): TestInstruction => ({
  ...instruction,
  accounts: instruction.accounts.with(position, account),
});

const NO = 'INSTRUCTION_NOT_ALLOWED';
const theirs = stranger(9000);
const OWN = new Set([K, usdc, eurc, wrapped]);

const SOLD = '25000000 USDC, 0m SOL';
/** Every declared instruction: 25 USDC in, or 25,000,000 lamports where SOL itself is paid. */
const SWAPS: [string, (swap: Swap) => TestInstruction, string][] = [
  ['Whirlpool, A for B', (each) => whirlpoolSwap(each), SOLD],
  ['Whirlpool, B for A', (each) => whirlpoolSwap(each, 1, 0), SOLD],
  ['Whirlpool v2', (each) => whirlpoolSwapV2(each), SOLD],
  ['DAMM v2', (each) => dammSwap(each), SOLD],
  ['DAMM v2, exact input', (each) => dammSwap(each, 0), SOLD],
  ['DAMM v2, partial fill', (each) => dammSwap(each, 1), SOLD],
  ['DLMM', (each) => dlmmSwap(each), SOLD],
  ['DLMM, swap2', (each) => dlmmSwap(each, 2), SOLD],
  ['bonding curve', (each) => dbcSwap(each), SOLD],
  ['bonding curve, exact input', (each) => dbcSwap(each, 0), SOLD],
  ['bonding curve, partial fill', (each) => dbcSwap(each, 1), SOLD],
  ['dynamic AMM', dynamicAmmSwap, SOLD],
  // Twice the maximum, and the rent that the program may take.
  ['pump AMM, buy', (each) => pumpAmmSwap(each, 'buy'), '50000000 USDC, 8m SOL'],
  ['pump AMM, buy for an exact quote', (each) => pumpAmmSwap(each, 'buy-exact'), '25000000 USDC, 8m SOL'],
  ['pump AMM, sell', (each) => pumpAmmSwap(each, 'sell'), '25000000 USDC, 8m SOL'],
  ['pump, buy', (each) => pumpSwap(each, 'buy'), '55m SOL'],
  ['pump, buy for exact SOL', (each) => pumpSwap(each, 'buy-exact'), '30m SOL'],
  ['pump, sell', (each) => pumpSwap(each, 'sell'), '25000000 USDC, 5m SOL'],
  ['Stabble, stable', (each) => stabbleSwap(each, 'stable'), SOLD],
  ['Stabble, stable, v2', (each) => stabbleSwap(each, 'stable', 2), SOLD],
  ['Stabble, weighted', (each) => stabbleSwap(each, 'weighted'), SOLD],
  ['Stabble, weighted, v2', (each) => stabbleSwap(each, 'weighted', 2), SOLD],
];

describe('profiles', () => {
  it.each(PROFILES)('$folder pins the IDL beside it and compiles with it alone', (profile) => {
    const plain = policyBytes();
    const text = withProfiles(plain, [profile]);
    expect(policyBlobs(text)).toEqual([sha256Hex(profile.idl)]);
    expect(parsePolicy(text, { blob: profileBlob }).programs.size).toBe(1);
    expect(profile.section).toContain('Not executed');
  });

  it.each(SWAPS)('count the input of a swap: %s', (_name, make, expected) => {
    const instruction = make(swap);
    expect(outcome(instruction)).toBe(expected);
    expect(new Set(judge(instruction).exposure[0]?.accounts)).toEqual(
      new Set(instruction.accounts.filter((account) => OWN.has(account)).map(toAddress)),
    );
  });

  it('show in what is explained all that is demanded and all that could be reached', () => {
    const bytes = wire('legacy', compile('legacy', [K], [pumpSwap({ ...swap, least: 77n }, 'buy')]), 1);
    const request = {
      key: 'trading-1',
      transaction: bytes,
      workload: undefined,
      now: Date.parse('2026-06-15'),
    };
    const text = explanationText(explainOffline(policy, request));
    expect(text).toContain('pump buy: 0.025 SOL');
    expect(text).toContain('amount 77, max_sol_cost 25000000, track_volume.0 0\n');
    expect(text).toContain(
      'pump is taken at its word; its code could reach all SOL of the key and lasting authority over its accounts ' +
        'and the whole balance of 1 of its token accounts',
    );
  });

  it('pay nobody who is named: no list of destinations bounds a swap, and what is explained says so', () => {
    const message = compile('legacy', [K], [whirlpoolSwap(swap)]);
    const question = questionOf({ policy, key: trading }, message);
    const narrow = new ListState(attestation({ scope: { destinations: [addressOf('carol')] } }));
    const verdict = decide(question, narrow);
    expect(verdict.decision).toBe('allow');
    const { checks } = explain(question, narrow, verdict);
    expect(checks.find(({ rule }) => rule === 'keys.trading-1.destinations')?.sentence).toBe(
      'no receiver is named; what declared programs take goes where they send it',
    );
  });

  it('declare nothing that is not tried here', () => {
    const tried = new Set(SWAPS.map(([, make]) => declaration(make(swap))));
    const declared = [...policy.programs.values()].flatMap(({ instructions }) => instructions);
    expect(declared.filter((each) => !tried.has(each))).toEqual([]);
  });

  it('count wrapped SOL as SOL', () => {
    const instruction = whirlpoolSwap({ ...swap, input: wrapped, output: usdc, amount: 300_000_000n });
    expect(outcome(instruction)).toBe('300m SOL');
  });

  it.each(SWAPS)('let nothing of the key stand where its role is not declared: %s', (_name, make) => {
    const instruction = make(swap);
    instruction.accounts.forEach((account, position) => {
      for (const other of [K, eurc]) {
        // The input or output may be any own account; all other places must refuse it, whatever stood there.
        if (OWN.has(account) && account !== K && other !== K) continue;
        if (account === other) continue;
        expect(outcome(withAccount(instruction, position, other))).toBe(NO);
      }
    });
    expect(outcome({ ...instruction, accounts: [...instruction.accounts, eurc] })).toBe(NO);
  });

  it.each(SWAPS)('let nobody else stand where the key or its accounts must: %s', (_name, make) => {
    const instruction = make(swap);
    const places = [...instruction.accounts.keys()].filter((at) => OWN.has(instruction.accounts[at] ?? K));
    expect(places.length).toBeGreaterThan(1);
    for (const at of places) expect(outcome(withAccount(instruction, at, theirs))).toBe(NO);
  });

  it.each(SWAPS)(
    'accept neither any price, nor other bytes, nor fewer or many more accounts: %s',
    (_name, make, expected) => {
      const instruction = make(swap);
      const { accounts, data } = instruction;
      const declared = declaration(instruction);
      const most = declared.accounts.length + declared.remaining;
      const filled = (count: number): TestInstruction => ({
        ...instruction,
        accounts: Array.from({ length: count }, (_, at) => accounts[at] ?? theirs),
      });
      expect(outcome(make({ ...swap, least: 0n }))).toBe(NO);
      expect(outcome({ ...instruction, data: Buffer.concat([data, Buffer.of(0)]) })).toBe(NO);
      expect(outcome({ ...instruction, data: data.subarray(0, -1) })).toBe(NO);
      expect(outcome({ ...instruction, data: Buffer.alloc(8, 7) })).toBe(NO);
      expect(outcome(filled(declared.accounts.length - 1))).toBe(NO);
      expect(outcome(filled(most))).toBe(expected);
      expect(outcome(filled(most + 1))).toBe(NO);
      expect(outcome(make({ ...swap, amount: 10_000_000_001n }))).toBe('SPEND_LIMIT_EXCEEDED');
    },
  );

  it.each<[string, TestInstruction, string]>([
    ['an exact output', whirlpoolSwap(swap, 0), NO],
    ['an exact output of DAMM v2', dammSwap(swap, 2), NO],
    ['an output for somebody else', whirlpoolSwap({ ...swap, output: theirs }), NO],
    ['an output for somebody else in v2', whirlpoolSwapV2({ ...swap, output: theirs }), NO],
    ['an output for somebody else in DAMM v2', dammSwap({ ...swap, output: theirs }), NO],
    ['one account as input and output', dammSwap({ ...swap, output: usdc }), NO],
    ['another authority over the key’s accounts', whirlpoolSwap({ ...swap, key: theirs }), NO],
    ['another token program', whirlpoolSwapV2(swap, theirs), NO],
    ['a referral share', dammSwap(swap, null, theirs), NO],
    ['an own account as vault', withAccount(dammSwap(swap), 4, wrapped), NO],
    ['an exact output of a bonding curve', dbcSwap(swap, 2), NO],
    ['a referral share of a bonding curve', dbcSwap(swap, null, theirs), NO],
    ['a host fee of DLMM', dlmmSwap(swap, 1, theirs), NO],
    ['a host fee of DLMM, swap2', dlmmSwap(swap, 2, theirs), NO],
    ['a Stabble swap of an amount that is not said', stabbleSwap(swap, 'stable', 1, false), NO],
  ])('refuse %s', (_name, instruction, code) => {
    expect(outcome(instruction)).toBe(code);
  });
});
