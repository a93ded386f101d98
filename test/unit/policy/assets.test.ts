import { describe, expect, it } from 'vitest';
import type { Failure } from '../../../src/core/errors.js';
import type { Pubkey } from '../../../src/core/pubkey.js';
import { parseAddress } from '../../../src/core/pubkey.js';
import { decide } from '../../../src/policy/decide.js';
import { parsePolicy } from '../../../src/policy/parse-policy.js';
import type { Count } from '../../../src/policy/verdict.js';
import { deriveAssociatedTokenAccount } from '../../../src/solana/derive.js';
import { NATIVE_MINT } from '../../../src/solana/native-mint.js';
import { PROGRAM_IDS } from '../../../src/solana/program-names.js';
import { compile, systemTransfer, u32, u64, type TestInstruction } from '../../support/solana-build.js';
import { questionOf } from '../../support/policy-question.js';
import { attestation, ListState } from '../../support/policy-state.js';
import {
  addressOf,
  ledgerKeyText,
  policyBytes,
  pubkeyOf,
  USDC_MINT,
  walletText,
  type Yaml,
} from '../../support/policy-text.js';

const K = pubkeyOf('trading-1');
const BOB = pubkeyOf('bob');
const USDC = parseAddress(USDC_MINT)!;
const BONK = pubkeyOf('bonk');
const { token: TOKEN, 'token-2022': TOKEN_2022, stake: STAKE } = PROGRAM_IDS;
const ata = (wallet: Pubkey, mint: Pubkey, program = TOKEN): Pubkey =>
  deriveAssociatedTokenAccount(wallet, program, mint);

/** Bonk and USDC are declared under Token; the same USDC mint under Token-2022 is not. */
function site(rules: { readonly [key: string]: Yaml | undefined } = {}) {
  const bytes = policyBytes({
    assets: {
      USDC: { mint: USDC_MINT, program: 'token', decimals: 6 },
      BONK: { mint: addressOf('bonk'), program: 'token', decimals: 5 },
    },
    keys: [walletText(rules), ledgerKeyText()],
  });
  const policy = parsePolicy(bytes);
  return { policy, key: policy.keys.get('trading-1')! };
}

function sendToken(
  mint: Pubkey,
  amount: bigint,
  decimals: number,
  program = TOKEN,
  to = BOB,
): TestInstruction {
  return {
    program,
    accounts: [ata(K, mint, program), mint, ata(to, mint, program), K],
    data: Buffer.concat([Buffer.of(12), u64(amount), Buffer.of(decimals)]),
  };
}

interface Outcome {
  readonly failures: readonly Failure[];
  readonly counted: readonly Count[];
  readonly fee: bigint;
}

function judge(
  rules: { readonly [key: string]: Yaml | undefined },
  ...instructions: readonly TestInstruction[]
): Outcome {
  const question = questionOf(site(rules), compile('legacy', [K], instructions));
  const verdict = decide(question, new ListState(attestation()));
  return {
    failures: verdict.decision === 'deny' ? verdict.failures : [],
    counted: verdict.counted,
    fee: question.assessment.fee.lamports,
  };
}

const LIMITS = [
  { asset: 'SOL', window: '1h', max: '2 SOL' },
  { asset: 'USDC', window: '24h', max: '100 USDC' },
];

describe('tokens', () => {
  it('count in their own unit, never with another mint', () => {
    const limits = [...LIMITS, { asset: 'BONK', window: '24h', max: '100 BONK' }];
    const both = judge({ limits }, sendToken(USDC, 90_000_000n, 6), sendToken(BONK, 9_000_000n, 5));
    expect(both.failures).toEqual([]);
    expect(both.counted).toEqual(
      expect.arrayContaining([
        { unit: 'USDC', amount: 90_000_000n },
        { unit: 'BONK', amount: 9_000_000n },
        { unit: 'SOL', amount: both.fee },
      ]),
    );
    const twice = judge({ limits }, sendToken(USDC, 60_000_000n, 6), sendToken(USDC, 60_000_000n, 6));
    expect(twice.failures).toMatchObject([
      { code: 'SPEND_LIMIT_EXCEEDED', asset: 'USDC', requested: '120000000', limit: '100000000' },
    ]);
  });

  it('that are declared and have no limit may not be spent', () => {
    expect(judge({ limits: LIMITS }, sendToken(BONK, 1n, 5)).failures).toMatchObject([
      { code: 'ASSET_NOT_ALLOWED', asset: 'BONK', instruction: 0, requested: '1' },
    ]);
  });

  it('of an undeclared mint are refused, and so is a declared mint under the other program', () => {
    const stranger = judge({ limits: LIMITS, destinations: 'any' }, sendToken(pubkeyOf('fake'), 1n, 6));
    expect(stranger.failures.map(({ code }) => code)).toContain('ASSET_NOT_ALLOWED');
    const twin = judge(
      { limits: LIMITS, destinations: 'any', programs: ['token-2022'] },
      sendToken(USDC, 1n, 6, TOKEN_2022),
    );
    expect(twin.failures.map(({ code }) => code)).toContain('ASSET_NOT_ALLOWED');
    const native = judge(
      { limits: LIMITS, destinations: 'any', programs: ['token-2022'] },
      sendToken(NATIVE_MINT, 1n, 9, TOKEN_2022),
    );
    expect(native.failures.map(({ code }) => code)).toContain('ASSET_NOT_ALLOWED');
  });

  it('go to a listed wallet through its derived account, and to no other', () => {
    expect(judge({ limits: LIMITS }, sendToken(USDC, 1n, 6)).failures).toEqual([]);
    const other = judge({ limits: LIMITS }, sendToken(USDC, 1n, 6, TOKEN, pubkeyOf('mallory')));
    expect(other.failures.map(({ code }) => code)).toEqual(['DESTINATION_NOT_ALLOWED']);
  });
});

describe('the own accounts of a key', () => {
  const wrap = systemTransfer(K, ata(K, NATIVE_MINT), 300_000_000n);

  it('need no listing, and what goes there counts as spend', () => {
    const { failures, counted, fee } = judge({ limits: LIMITS }, wrap);
    expect(failures).toEqual([]);
    expect(counted).toContainEqual({ unit: 'SOL', amount: 300_000_000n + fee });
    const over = judge({ limits: [{ asset: 'SOL', window: '1h', max: '0.3 SOL' }] }, wrap);
    expect(over.failures).toMatchObject([{ code: 'SPEND_LIMIT_EXCEEDED' }]);
  });

  it('count nothing where the Sovereign trusts them', () => {
    const { failures, counted, fee } = judge({ limits: LIMITS, ownAccounts: 'trusted' }, wrap);
    expect(failures).toEqual([]);
    expect(counted).toContainEqual({ unit: 'SOL', amount: fee });
  });

  it('of another mint than the native one are no place for SOL, trusted or not', () => {
    const odd = systemTransfer(K, ata(K, USDC), 300_000_000n);
    const { counted, fee } = judge({ limits: LIMITS, ownAccounts: 'trusted' }, odd);
    expect(counted).toContainEqual({ unit: 'SOL', amount: 300_000_000n + fee });
  });
});

describe('who gains without receiving', () => {
  it('must be a destination too: the vote account of a delegation', () => {
    const vote = pubkeyOf('vote');
    const delegate: TestInstruction = {
      program: STAKE,
      accounts: [pubkeyOf('stake'), vote, pubkeyOf('clock'), pubkeyOf('history'), pubkeyOf('config'), K],
      data: u32(2),
    };
    const rules = { limits: LIMITS, programs: ['stake'] };
    expect(judge(rules, delegate).failures).toMatchObject([
      { code: 'DESTINATION_NOT_ALLOWED', destination: addressOf('vote') },
    ]);
    expect(judge({ ...rules, destinations: [addressOf('vote')] }, delegate).failures).toEqual([]);
    const narrow = { ...rules, destinations: [addressOf('vote')], stake: ['Deactivate'] };
    expect(judge(narrow, delegate).failures).toMatchObject([{ code: 'INSTRUCTION_NOT_ALLOWED' }]);
  });
});
