import { describe, expect, it } from 'vitest';
import type { Failure } from '../../../src/core/errors.js';
import { decide } from '../../../src/policy/decide.js';
import type { Question } from '../../../src/policy/verdict.js';
import {
  computeUnitLimit,
  computeUnitPrice,
  compile,
  memo,
  systemTransfer,
} from '../../support/solana-build.js';
import { questionOf } from '../../support/policy-question.js';
import { attestation, ListState, NOON } from '../../support/policy-state.js';
import { addressOf, OTHER_AGENT, policyWith, pubkeyOf, type Yaml } from '../../support/policy-text.js';

const K = pubkeyOf('trading-1');
const BOB = pubkeyOf('bob');
const ID = '00'.repeat(16);
const site = policyWith();
const pay = (lamports: bigint, to = BOB): Buffer => compile('legacy', [K], [systemTransfer(K, to, lamports)]);
const state = (): ListState => new ListState(attestation());
/** What the fee of a plain transfer can cost; the bound is the assessment's to say. */
const FEE = questionOf(site, pay(1n)).assessment.fee.lamports;

function refused(question: Question, past = state()): readonly Failure[] {
  const verdict = decide(question, past);
  return verdict.decision === 'deny' ? verdict.failures : [];
}

const codes = (question: Question, past = state()): string[] =>
  refused(question, past).map(({ code }) => code);

describe('decide, for a wallet key', () => {
  it('allows a transfer within every limit and says what it counts', () => {
    const verdict = decide(questionOf(site, pay(400_000_000n)), state());
    expect(verdict).toMatchObject({ decision: 'allow', attestation: ID, repeats: null });
    expect(verdict.counted).toEqual([
      { unit: 'SOL', amount: 400_000_000n + FEE },
      { unit: 'fee', amount: FEE },
      { unit: 'transactions', amount: 1n },
    ]);
    expect(verdict.limits).toEqual([
      {
        rule: 'keys.trading-1.limits[0]',
        asset: 'SOL',
        destination: null,
        workload: null,
        window: '1h',
        max: 2_000_000_000n,
        spent: 400_000_000n + FEE,
        requested: 400_000_000n + FEE,
        remaining: 1_600_000_000n - FEE,
      },
      {
        rule: 'keys.trading-1.limits[1]',
        asset: 'USDC',
        destination: null,
        workload: null,
        window: '24h',
        max: 10_000_000_000n,
        spent: 0n,
        requested: 0n,
        remaining: 10_000_000_000n,
      },
      {
        rule: 'keys.trading-1.rate',
        asset: 'transactions',
        destination: null,
        workload: null,
        window: '1m',
        max: 600n,
        spent: 1n,
        requested: 1n,
        remaining: 599n,
      },
    ]);
  });

  it('names every failed rule, in order, with exact figures', () => {
    const past = state();
    past.spend('SOL', 1_900_000_000n, NOON - 1_800_000);
    const asked = 600_000_000n + FEE;
    const shown = `0.${asked.toString()} SOL`;
    expect(refused(questionOf(site, pay(600_000_000n, pubkeyOf('mallory'))), past)).toEqual([
      {
        code: 'DESTINATION_NOT_ALLOWED',
        message: `instruction 0: ${addressOf('mallory')} is not a destination of key trading-1`,
        instruction: 0,
        destination: addressOf('mallory'),
        rule: 'keys.trading-1.destinations',
      },
      {
        code: 'SPEND_LIMIT_EXCEEDED',
        message: `${shown} is above the 0.5 SOL a transaction may take`,
        asset: 'SOL',
        limit: '500000000',
        requested: asked.toString(),
        rule: 'keys.trading-1.limits[0].perTransaction',
      },
      {
        code: 'SPEND_LIMIT_EXCEEDED',
        message: `${shown} more would pass the 2 SOL allowed in 1h, of which 1.9 SOL is spent`,
        asset: 'SOL',
        window: '1h',
        limit: '2000000000',
        spent: '1900000000',
        requested: asked.toString(),
        resetsAt: '2026-06-15T12:30:00.000Z',
        rule: 'keys.trading-1.limits[0]',
      },
    ]);
  });

  it('allows exactly the limit and not one lamport more', () => {
    const exact = 500_000_000n - FEE;
    expect(codes(questionOf(site, pay(exact)))).toEqual([]);
    expect(codes(questionOf(site, pay(exact + 1n)))).toEqual(['SPEND_LIMIT_EXCEEDED']);
    const past = state();
    past.spend('SOL', 1_500_000_000n, NOON - 1);
    expect(codes(questionOf(site, pay(exact)), past)).toEqual([]);
    past.spend('SOL', 1n, NOON - 1);
    expect(refused(questionOf(site, pay(exact)), past)).toMatchObject([
      { code: 'SPEND_LIMIT_EXCEEDED', spent: '1500000001', requested: '500000000', limit: '2000000000' },
    ]);
  });

  it('gives no reset time to what never fits', () => {
    const wide = policyWith({ limits: [{ asset: 'SOL', window: '1h', max: '0.1 SOL' }] });
    const [failure] = refused(questionOf(wide, pay(200_000_000n)));
    expect(failure).toMatchObject({ code: 'SPEND_LIMIT_EXCEEDED', window: '1h' });
    expect(failure).not.toHaveProperty('resetsAt');
  });

  it('I6: sums every transfer of a transaction, fee included', () => {
    const message = compile(
      'legacy',
      [K],
      [
        systemTransfer(K, BOB, 200_000_000n),
        systemTransfer(K, BOB, 200_000_000n),
        systemTransfer(K, BOB, 200_000_000n),
      ],
    );
    expect(refused(questionOf(site, message))).toMatchObject([
      { rule: 'keys.trading-1.limits[0].perTransaction', limit: '500000000' },
    ]);
    const verdict = decide(questionOf(site, message), state());
    const fee = questionOf(site, message).assessment.fee.lamports;
    expect(verdict.counted[0]).toEqual({ unit: 'SOL', amount: 600_000_000n + fee });
  });

  it('checks every recipient, not only the first', () => {
    const message = compile(
      'legacy',
      [K],
      [systemTransfer(K, BOB, 1n), systemTransfer(K, pubkeyOf('mallory'), 1n)],
    );
    expect(refused(questionOf(site, message))).toMatchObject([
      { code: 'DESTINATION_NOT_ALLOWED', instruction: 1, destination: addressOf('mallory') },
    ]);
  });

  it('judges several windows of one asset each for itself', () => {
    const windows = policyWith({
      limits: [
        { asset: 'SOL', window: '10m', max: '1 SOL' },
        { asset: 'SOL', window: '24h', max: '3 SOL' },
      ],
    });
    const past = state();
    past.spend('SOL', 2_900_000_000n, NOON - 3_600_000);
    expect(refused(questionOf(windows, pay(200_000_000n)), past)).toMatchObject([
      { rule: 'keys.trading-1.limits[1]', window: '24h', spent: '2900000000' },
    ]);
    past.spend('SOL', 900_000_000n, NOON - 1000);
    expect(refused(questionOf(windows, pay(200_000_000n)), past)).toMatchObject([
      { rule: 'keys.trading-1.limits[0]', spent: '900000000' },
      { rule: 'keys.trading-1.limits[1]', spent: '3800000000' },
    ]);
  });

  it('refuses fees above the bound, and every fee when the key may pay none', () => {
    const greedy = compile(
      'legacy',
      [K],
      [computeUnitLimit(1_400_000), computeUnitPrice(1_000_000n), systemTransfer(K, BOB, 1n)],
    );
    expect(refused(questionOf(site, greedy))).toMatchObject([
      {
        code: 'FEE_LIMIT_EXCEEDED',
        rule: 'keys.trading-1.fee.perTransaction',
        limit: '1000000',
        requested: questionOf(site, greedy).assessment.fee.lamports.toString(),
      },
    ]);
    const none = policyWith({ fee: undefined });
    expect(refused(questionOf(none, pay(1n)))).toMatchObject([
      { code: 'FEE_LIMIT_EXCEEDED', rule: 'keys.trading-1.fee', limit: '0', requested: FEE.toString() },
    ]);
  });

  it('asks no fee of a key that does not pay it', () => {
    const none = policyWith({ fee: undefined });
    const message = compile('legacy', [pubkeyOf('payer'), K], [systemTransfer(K, BOB, 5n)]);
    const verdict = decide(questionOf(none, message), state());
    expect(verdict.decision).toBe('allow');
    expect(verdict.counted).toEqual([
      { unit: 'SOL', amount: 5n },
      { unit: 'transactions', amount: 1n },
    ]);
  });

  it('counts transactions against the rate', () => {
    const slow = policyWith({ rate: { max: 2, window: '1m' } });
    const past = state();
    past.spend('transactions', 1n, NOON - 50_000);
    expect(codes(questionOf(slow, pay(1n)), past)).toEqual([]);
    past.spend('transactions', 1n, NOON - 10_000);
    expect(refused(questionOf(slow, pay(1n)), past)).toMatchObject([
      { code: 'RATE_LIMITED', limit: '2', spent: '2', requested: '1', resetsAt: '2026-06-15T12:00:10.000Z' },
    ]);
  });

  it('limits to 600 a minute when the policy has no rate', () => {
    const past = state();
    past.spend('transactions', 599n, NOON - 1);
    expect(codes(questionOf(site, pay(1n)), past)).toEqual([]);
    past.spend('transactions', 1n, NOON - 1);
    expect(codes(questionOf(site, pay(1n)), past)).toEqual(['RATE_LIMITED']);
  });

  it('I2: refuses what the reader does not understand, with its code first', () => {
    const opaque = compile(
      'legacy',
      [K],
      [{ program: pubkeyOf('unknown program'), accounts: [K], data: Buffer.from([1]) }],
    );
    const [first] = refused(questionOf(site, opaque));
    expect(first).toMatchObject({ code: 'OPAQUE_INSTRUCTION', instruction: 0 });
  });

  it('refuses a key that is no signer', () => {
    const foreign = compile('legacy', [pubkeyOf('payer')], [systemTransfer(pubkeyOf('payer'), K, 1n)]);
    expect(codes(questionOf(site, foreign))).toContain('NOT_A_SIGNER');
  });

  it('I7: a key of another role signs no transaction, and a wallet no vote', () => {
    expect(codes(questionOf(site, pay(1n), { purpose: 'vote' }))).toEqual(['INSTRUCTION_NOT_ALLOWED']);
    for (const role of ['vote-authority', 'validator-identity']) {
      const other = policyWith({ role });
      expect(refused(questionOf(other, pay(1n)))).toMatchObject([
        { code: 'INSTRUCTION_NOT_ALLOWED', rule: 'keys.trading-1.role' },
      ]);
    }
  });

  it('refuses frozen, latched and retired keys before all else', () => {
    const past = state();
    past.freeze = { reason: 'odd\u001b[2J fills', time: NOON - 5000 };
    past.isLatched = true;
    past.isRetired = true;
    expect(refused(questionOf(site, pay(9_000_000_000n)), past).map(({ code }) => code)).toEqual([
      'KEY_FROZEN',
      'HSM_UNAVAILABLE',
      'KEY_RETIRED',
      'SPEND_LIMIT_EXCEEDED',
      'SPEND_LIMIT_EXCEEDED',
    ]);
    expect(refused(questionOf(site, pay(1n)), past)[0]?.message).toBe(
      'key trading-1 is frozen since 2026-06-15T11:59:55.000Z: "odd\\u001b[2J fills"',
    );
  });

  it('refuses a workload the key is not granted to', () => {
    const past = new ListState(attestation({ workload: OTHER_AGENT }));
    expect(codes(questionOf(site, pay(1n), { workload: OTHER_AGENT }), past)).toEqual(['KEY_NOT_GRANTED']);
  });

  it('counts nothing for a repeat, and checks everything else', () => {
    const question = questionOf(site, pay(400_000_000n));
    const past = state();
    past.spend('SOL', 2_000_000_000n, NOON - 1000);
    past.spend('transactions', 600n, NOON - 1000);
    expect(codes(question, past)).toEqual(['SPEND_LIMIT_EXCEEDED', 'RATE_LIMITED']);
    past.seen.set(`${question.workload} transaction ${question.messageHash}`, {
      sequence: 7,
      time: NOON - 9000,
    });
    const verdict = decide(question, past);
    expect(verdict).toMatchObject({ decision: 'allow', repeats: 7, counted: [] });
    expect(verdict.limits[0]).toMatchObject({ spent: 2_000_000_000n, requested: 0n, remaining: 0n });
    const narrowed = policyWith({
      limits: [{ asset: 'SOL', perTransaction: '0.1 SOL', window: '1h', max: '2 SOL' }],
    });
    expect(refused(questionOf(narrowed, pay(400_000_000n)), past)).toMatchObject([
      { rule: 'keys.trading-1.limits[0].perTransaction' },
    ]);
    past.freeze = { reason: 'stop', time: NOON };
    expect(codes(question, past)).toEqual(['KEY_FROZEN']);
  });

  it('gives the same verdict for the same question and state (I5: decide is pure)', () => {
    const past = state();
    past.spend('SOL', 1_900_000_000n, NOON - 1_800_000);
    const question = questionOf(site, pay(600_000_000n));
    expect(decide(question, past)).toEqual(decide(question, past));
    expect(past.spends).toHaveLength(1);
  });

  it('does not refuse what spends nothing under a limit that was lowered', () => {
    const past = state();
    past.spend('USDC', 20_000_000_000n, NOON - 1000);
    expect(codes(questionOf(site, pay(1n)), past)).toEqual([]);
  });

  it('allows a memo beside a transfer', () => {
    expect(codes(questionOf(site, compile('legacy', [K], [systemTransfer(K, BOB, 1n), memo('hi')])))).toEqual(
      [],
    );
  });
});

describe('what an absent field means', () => {
  const absent = (field: string): { readonly [key: string]: Yaml | undefined } => ({ [field]: undefined });
  it.each([
    ['limits', 'ASSET_NOT_ALLOWED'],
    ['fee', 'FEE_LIMIT_EXCEEDED'],
    ['destinations', 'DESTINATION_NOT_ALLOWED'],
    ['programs', 'PROGRAM_NOT_ALLOWED'],
    ['workloads', 'KEY_NOT_GRANTED'],
  ])('%s: nothing of it', (field, code) => {
    expect(codes(questionOf(policyWith(absent(field)), pay(1n)))[0]).toBe(code);
  });
  it('an empty list is nothing too, never everything', () => {
    const empty = policyWith({ limits: [], destinations: [], programs: [], workloads: [] });
    expect(new Set(codes(questionOf(empty, pay(1n))))).toEqual(
      new Set(['KEY_NOT_GRANTED', 'PROGRAM_NOT_ALLOWED', 'DESTINATION_NOT_ALLOWED', 'ASSET_NOT_ALLOWED']),
    );
  });
  it('fees need a SOL limit, which they count in', () => {
    const tokens = policyWith({ limits: [{ asset: 'USDC', window: '24h', max: '10 USDC' }] });
    const message = compile('legacy', [K], [memo('just a fee')]);
    expect(refused(questionOf(tokens, message))).toMatchObject([
      { code: 'ASSET_NOT_ALLOWED', asset: 'SOL', rule: 'keys.trading-1.limits' },
    ]);
  });
});
