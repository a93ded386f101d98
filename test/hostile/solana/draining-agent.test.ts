import { describe, expect, it } from 'vitest';
import { parseAddress, pubkeyBytes, type Pubkey } from '../../../src/core/pubkey.js';
import { decide } from '../../../src/policy/decide.js';
import { parsePolicy } from '../../../src/policy/parse-policy.js';
import type { Verdict } from '../../../src/policy/verdict.js';
import { deriveAssociatedTokenAccount } from '../../../src/solana/derive.js';
import { deriveWithSeed } from '../../support/derive-with-seed.js';
import { NATIVE_MINT } from '../../../src/solana/native-mint.js';
import { PROGRAM_IDS, PROGRAM_NAMES } from '../../../src/solana/program-names.js';
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
import {
  batch,
  call,
  compile,
  computeUnitLimit,
  computeUnitPrice,
  memo,
  systemTransfer,
  u32,
  u64,
  type TestInstruction,
} from '../../support/solana-build.js';

const K = pubkeyOf('trading-1');
const BOB = pubkeyOf('bob');
const THIEF = pubkeyOf('thief');
const FRESH = pubkeyOf('fresh');
const USDC = parseAddress(USDC_MINT)!;
const PYUSD = pubkeyOf('pyusd');
const { system: SYSTEM, token: TOKEN, 'token-2022': TOKEN_2022, stake: STAKE } = PROGRAM_IDS;
const TABLES = PROGRAM_IDS['address-lookup-table'];
const ata = (wallet: Pubkey, mint: Pubkey, program = TOKEN): Pubkey =>
  deriveAssociatedTokenAccount(wallet, program, mint);
const OWN = ata(K, USDC);
const WRAPPED = ata(K, NATIVE_MINT);
const OWN_22 = ata(K, PYUSD, TOKEN_2022);
const MAX = 2n ** 64n - 1n;

/** Every known program, two tokens, one receiver: an agent may do all that, and wants to get away with more. */
const policy = parsePolicy(
  policyBytes({
    assets: {
      USDC: { mint: USDC_MINT, program: 'token', decimals: 6 },
      PYUSD: { mint: addressOf('pyusd'), program: 'token-2022', decimals: 6 },
    },
    keys: [
      walletText({
        limits: [
          { asset: 'SOL', window: '24h', max: '2 SOL' },
          { asset: 'USDC', window: '24h', max: '100 USDC' },
          { asset: 'PYUSD', window: '24h', max: '100 PYUSD' },
        ],
        fee: { perTransaction: '0.01 SOL' },
        programs: [...PROGRAM_NAMES],
        stake: [
          'Initialize',
          'DelegateStake',
          'Deactivate',
          'Withdraw',
          'Split',
          'Merge',
          'MoveStake',
          'MoveLamports',
        ],
        destinations: [addressOf('bob')],
      }),
      ledgerKeyText(),
    ],
  }),
);

function judge(instructions: readonly TestInstruction[], signers: readonly Pubkey[] = [K]): Verdict {
  const key = policy.keys.get('trading-1')!;
  const message = compile('legacy', signers, [computeUnitLimit(200_000), ...instructions]);
  return decide(questionOf({ policy, key }, message), new ListState(attestation()));
}

/** The codes of a refusal, each once; none when it is allowed. */
function codes(instructions: readonly TestInstruction[], signers?: readonly Pubkey[]): string[] {
  const verdict = judge(instructions, signers);
  return verdict.decision === 'allow' ? [] : [...new Set(verdict.failures.map(({ code }) => code))];
}

const send = (
  from: Pubkey,
  to: Pubkey,
  amount: bigint,
  authority: readonly Pubkey[] = [K],
): TestInstruction => call(TOKEN, [from, USDC, to, ...authority], 12, u64(amount), 6);
const thief = pubkeyBytes(THIEF);
const NO = 'INSTRUCTION_NOT_ALLOWED';
const NOT_THERE = 'DESTINATION_NOT_ALLOWED';
const TOO_MUCH = 'SPEND_LIMIT_EXCEEDED';

describe('an agent that wants to drain its key', () => {
  it('may do what it is for: otherwise nothing below proves anything', () => {
    expect(codes([systemTransfer(K, BOB, 1_000n), send(OWN, ata(BOB, USDC), 5n), memo('order 7')])).toEqual(
      [],
    );
    expect(codes([call(TOKEN, [WRAPPED, K, K], 9)])).toEqual([]);
  });

  it('pays a listed wallet through the accounts derived for it, each under its own program', () => {
    const pyusd = (to: Pubkey): TestInstruction => call(TOKEN_2022, [OWN_22, PYUSD, to, K], 12, u64(1n), 6);
    expect(codes([pyusd(ata(BOB, PYUSD, TOKEN_2022))])).toEqual([]);
    expect(codes([call(TOKEN, [WRAPPED, ata(BOB, NATIVE_MINT), K], 3, u64(1n))])).toEqual([]);
    expect(codes([systemTransfer(K, ata(BOB, NATIVE_MINT), 1n)])).toEqual([]);
    // Derived under the other program, or for a mint nobody declared, an address is nobody's.
    expect(codes([pyusd(ata(BOB, PYUSD))])).toEqual([NOT_THERE]);
    expect(codes([systemTransfer(K, ata(BOB, NATIVE_MINT, TOKEN_2022), 1n)])).toEqual([NOT_THERE]);
    expect(codes([systemTransfer(K, ata(BOB, THIEF), 1n)])).toEqual([NOT_THERE]);
  });

  const lasting: readonly (readonly [string, TestInstruction])[] = [
    ['hands the account over', call(TOKEN, [OWN, K], 6, 2, 1, thief)],
    ['names another close authority', call(TOKEN, [OWN, K], 6, 3, 1, thief)],
    ['approves a delegate', call(TOKEN, [OWN, THIEF, K], 4, u64(MAX))],
    ['approves a delegate of nothing yet', call(TOKEN, [OWN, THIEF, K], 4, u64(0n))],
    ['approves one, checked', call(TOKEN, [OWN, USDC, THIEF, K], 13, u64(1n), 6)],
    ['approves one as member of a multisig', call(TOKEN, [FRESH, THIEF, BOB, K], 4, u64(1n))],
    ['approves one inside a Batch', batch(TOKEN, call(TOKEN, [OWN, THIEF, K], 4, u64(1n)))],
    [
      'approves one inside a Batch of Token-2022',
      batch(TOKEN_2022, call(TOKEN_2022, [OWN_22, THIEF, K], 4, u64(1n))),
    ],
    ['hides a Batch in a Batch', batch(TOKEN, batch(TOKEN, call(TOKEN, [OWN, THIEF, K], 4, u64(1n))))],
    ['closes to itself', call(TOKEN, [OWN, THIEF, K], 9)],
    ['closes wrapped SOL to the receiver', call(TOKEN, [WRAPPED, BOB, K], 9)],
    ['unwraps to itself', call(TOKEN, [WRAPPED, THIEF, K], 45, 0)],
    ['takes the lamports above the rent', call(TOKEN, [OWN, THIEF, K], 38)],
    ['burns', call(TOKEN, [OWN, USDC, K], 8, u64(1n))],
    ['assigns the wallet', call(SYSTEM, [K], u32(1), thief)],
    ['allocates the wallet', call(SYSTEM, [K], u32(8), u64(8n))],
    ['opens an account over the wallet', call(SYSTEM, [THIEF, K], u32(0), u64(0n), u64(0n), thief)],
    ['gives a nonce account away', call(SYSTEM, [FRESH, K], u32(7), thief)],
    ['gives the stake away', call(STAKE, [FRESH, BOB, K], u32(1), thief, u32(1))],
    ['locks the stake up', call(STAKE, [FRESH, K], u32(6), 0, 0, 1, thief)],
    ['closes a lookup table to itself', call(TABLES, [FRESH, K, THIEF], u32(4))],
    [
      'recovers a nested account',
      call(PROGRAM_IDS['associated-token'], [OWN, USDC, WRAPPED, OWN, USDC, K, TOKEN], 2),
    ],
    ['enables confidential credits', call(TOKEN_2022, [OWN_22, K], 27, 2)],
    ['transfers an encrypted amount', call(TOKEN_2022, [OWN_22, PYUSD, FRESH, K], 27, 7, Buffer.alloc(40))],
    ['sets a transfer fee', call(TOKEN_2022, [PYUSD, K], 26, 5, Buffer.alloc(10))],
    ['switches the CPI guard off', call(TOKEN_2022, [OWN_22, K], 34, 1)],
    ['reallocates', call(TOKEN_2022, [OWN_22, K, SYSTEM, K], 29, 7, 0)],
    [
      'feeds accounts to a transfer hook',
      call(TOKEN_2022, [OWN_22, PYUSD, ata(BOB, PYUSD, TOKEN_2022), K, THIEF], 12, u64(1n), 6),
    ],
  ];
  it.each(lasting)('%s: refused for what it is', (_what, instruction) => {
    expect(codes([instruction])).toContain(NO);
    // Nor does good company help.
    expect(codes([systemTransfer(K, BOB, 1n), instruction, memo('order 7')])).toContain(NO);
  });

  it('makes its signature last: refused at any place, whoever the authority is', () => {
    const advance = call(SYSTEM, [FRESH, BOB, THIEF], u32(4));
    for (const instructions of [
      [advance, systemTransfer(K, BOB, 1n)],
      [systemTransfer(K, BOB, 1n), advance],
    ]) {
      expect(codes(instructions, [K, THIEF])).toEqual(['DURABLE_NONCE_NOT_ALLOWED']);
    }
  });

  it('splits what it takes: the sum is what counts', () => {
    const split = Array.from({ length: 21 }, () => systemTransfer(K, BOB, 100_000_000n));
    expect(codes(split.slice(0, 19))).toEqual([]);
    expect(codes(split)).toEqual([TOO_MUCH]);
    // SOL in two forms is one asset.
    const wrapped = call(TOKEN, [WRAPPED, ata(BOB, NATIVE_MINT), K], 3, u64(1_500_000_000n));
    expect(codes([wrapped])).toEqual([]);
    expect(codes([wrapped, systemTransfer(K, BOB, 600_000_000n)])).toEqual([TOO_MUCH]);
    // A Batch, and the same outside.
    const half = send(OWN, ata(BOB, USDC), 50_000_000n);
    expect(codes([batch(TOKEN, half), half])).toEqual([]);
    expect(codes([batch(TOKEN, half, half), send(OWN, ata(BOB, USDC), 1n)])).toEqual([TOO_MUCH]);
  });

  it('passes the end of 64 bits: sums have no end', () => {
    expect(codes([systemTransfer(K, BOB, MAX), systemTransfer(K, BOB, 2n)])).toEqual([TOO_MUCH]);
    const wraps = judge([systemTransfer(K, BOB, MAX), systemTransfer(K, BOB, 2n)]);
    const sol = wraps.counted.find(({ unit }) => unit === 'SOL')?.amount ?? 0n;
    expect(sol).toBeGreaterThan(MAX);
  });

  it('moves nothing, or to itself: a stranger stays a stranger at 0', () => {
    expect(codes([systemTransfer(K, THIEF, 0n)])).toEqual([NOT_THERE]);
    expect(codes([send(OWN, ata(THIEF, USDC), 0n)])).toEqual([NOT_THERE]);
    expect(codes([systemTransfer(K, K, MAX)])).toEqual([]);
    // Whatever the account has become: without the Sovereign's word it counts.
    expect(codes([systemTransfer(K, WRAPPED, 3_000_000_000n)])).toEqual([TOO_MUCH]);
    expect(codes([send(OWN, OWN, 101_000_000n)])).toEqual([TOO_MUCH]);
  });

  it('takes another way to the thief: each is a destination', () => {
    const seed = Buffer.from('seed');
    const derived = deriveWithSeed(K, seed, SYSTEM);
    const seeded = [u64(BigInt(seed.length)), seed];
    const ways: readonly (readonly [string, readonly TestInstruction[], string])[] = [
      ['a wallet', [systemTransfer(K, THIEF, 1n)], NOT_THERE],
      [
        'a derived account',
        [call(SYSTEM, [derived, K, THIEF], u32(11), u64(1n), ...seeded, pubkeyBytes(SYSTEM))],
        NOT_THERE,
      ],
      ['a new account', [call(SYSTEM, [K, FRESH], u32(0), u64(1n), u64(0n), thief)], NOT_THERE],
      ['a prefunded one', [call(SYSTEM, [FRESH, K], u32(13), u64(1n), u64(0n), thief)], NOT_THERE],
      [
        'rent of his account',
        [call(PROGRAM_IDS['associated-token'], [K, ata(THIEF, USDC), THIEF, USDC, SYSTEM, TOKEN], 1)],
        NOT_THERE,
      ],
      ['rent of his table', [call(TABLES, [FRESH, THIEF, K, SYSTEM], u32(0), u64(1n), 255)], NOT_THERE],
      ['his vote account', [call(STAKE, [FRESH, THIEF, BOB, BOB, BOB, K], u32(2))], NOT_THERE],
      ['stake withdrawn', [call(STAKE, [FRESH, THIEF, BOB, BOB, K], u32(4), u64(1n))], NOT_THERE],
      ['a token account', [send(OWN, ata(THIEF, USDC), 1n)], NOT_THERE],
      ['an account behind the receiver', [send(OWN, FRESH, 1n)], NOT_THERE],
      [
        'a mint nobody declared',
        [call(TOKEN, [FRESH, THIEF, ata(BOB, THIEF), K], 12, u64(1n), 6)],
        'ASSET_NOT_ALLOWED',
      ],
      [
        'the mint under the other program',
        [call(TOKEN_2022, [FRESH, USDC, ata(BOB, USDC), K], 12, u64(1n), 6)],
        'ASSET_NOT_ALLOWED',
      ],
      ['a fee without end', [computeUnitPrice(MAX)], 'FEE_LIMIT_EXCEEDED'],
      [
        'a program that calls others',
        [call(THIEF, [K, OWN, TOKEN, ata(THIEF, USDC)], 1)],
        'OPAQUE_INSTRUCTION',
      ],
      ['a program that gets the account alone', [call(THIEF, [OWN, TOKEN], 1)], 'PROGRAM_NOT_ALLOWED'],
    ];
    for (const [what, instructions, code] of ways) {
      expect(codes(instructions), what).toContain(code);
    }
  });

  it('hides behind a good receiver: each is asked about, wherever it stands', () => {
    const good = systemTransfer(K, BOB, 1n);
    const bad = systemTransfer(K, THIEF, 1n);
    for (const instructions of [
      [good, bad],
      [bad, good],
      [good, bad, good],
    ]) {
      expect(codes(instructions)).toEqual([NOT_THERE]);
    }
    const inner = batch(TOKEN, send(OWN, ata(BOB, USDC), 1n), send(OWN, ata(THIEF, USDC), 1n));
    expect(codes([inner])).toEqual([NOT_THERE]);
  });

  it('burns its money as a fee: in the header of v1, by a price without a limit, at any place', () => {
    const pay = systemTransfer(K, BOB, 1n);
    const price = computeUnitPrice(1_000_000_000n);
    const ask = (message: Buffer): string[] => {
      const verdict = decide(
        questionOf({ policy, key: policy.keys.get('trading-1')! }, message),
        new ListState(attestation()),
      );
      return verdict.decision === 'allow' ? [] : verdict.failures.map(({ code }) => code);
    };
    const legacy = (...instructions: TestInstruction[]): string[] =>
      ask(compile('legacy', [K], instructions));
    const header = (priorityFee?: bigint): string[] => {
      const config = { computeUnitLimit: 10_000, ...(priorityFee === undefined ? {} : { priorityFee }) };
      return ask(compile(1, [K], [pay], { config }));
    };
    expect(header()).toEqual([]);
    expect(header(20_000_000n)).toEqual(['FEE_LIMIT_EXCEEDED']);
    expect(header(MAX)).toContain('FEE_LIMIT_EXCEEDED');
    expect(legacy(pay)).toEqual([]);
    // 200,000 units are assumed for each instruction where none are set.
    expect(legacy(pay, price)).toContain('FEE_LIMIT_EXCEEDED');
    expect(legacy(price, pay)).toContain('FEE_LIMIT_EXCEEDED');
    expect(legacy(computeUnitLimit(1_000), price, pay)).toEqual([]);
    // Somebody else's fee is no loss.
    expect(ask(compile('legacy', [THIEF, K], [pay, price]))).toEqual([]);
  });

  it('names one account twice or in every place: the key is judged wherever it stands', () => {
    expect(codes([send(OWN, ata(THIEF, USDC), 1n, [THIEF, K])])).toEqual([NOT_THERE]);
    expect(codes([call(TOKEN, [K, K, K], 9)])).toEqual([]);
    expect(codes([call(TOKEN, [OWN, K, THIEF, K], 6, 2, 1, thief)])).toContain(NO);
    expect(codes([call(SYSTEM, [K, K, THIEF], u32(2), u64(MAX))])).toEqual([]);
    // The receiver is the second account and no other.
    expect(codes([call(SYSTEM, [K, THIEF, BOB], u32(2), u64(1n))])).toEqual([NOT_THERE]);
  });

  it('reads the tail otherwise than the chain: bytes after the data are refused', () => {
    const tail = Buffer.of(0);
    for (const good of [
      systemTransfer(K, BOB, 1n),
      send(OWN, ata(BOB, USDC), 1n),
      call(TOKEN, [WRAPPED, K, K], 9),
    ]) {
      expect(codes([good])).toEqual([]);
      expect(codes([{ ...good, data: Buffer.concat([good.data, tail]) }])).toContain(NO);
    }
  });
});
