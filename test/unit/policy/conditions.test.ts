import { describe, expect, it } from 'vitest';
import type { Failure } from '../../../src/core/errors.js';
import { toAddress } from '../../../src/core/pubkey.js';
import { decide } from '../../../src/policy/decide.js';
import { deriveAssociatedTokenAccount } from '../../../src/solana/derive.js';
import { NATIVE_MINT } from '../../../src/solana/native-mint.js';
import { PROGRAM_IDS } from '../../../src/solana/program-names.js';
import { compile, encodeMessage, memo, systemTransfer, u32, u64 } from '../../support/solana-build.js';
import { questionOf } from '../../support/policy-question.js';
import { attestation, ListState, NOON } from '../../support/policy-state.js';
import { SubjectState } from '../../support/policy-subjects.js';
import { addressOf, AGENT, OTHER_AGENT, policyWith, pubkeyOf, type Yaml } from '../../support/policy-text.js';

const K = pubkeyOf('trading-1');
const BOB = pubkeyOf('bob');
const CAROL = pubkeyOf('carol');
const both = [addressOf('bob'), addressOf('carol')];
const pay = (lamports: bigint, to = BOB): Buffer => compile('legacy', [K], [systemTransfer(K, to, lamports)]);

function refused(
  rules: { readonly [key: string]: Yaml | undefined },
  message: Uint8Array,
  state: ListState = new ListState(attestation()),
  workload = AGENT,
): readonly Failure[] {
  const verdict = decide(questionOf(policyWith(rules), message, { workload }), state);
  return verdict.decision === 'deny' ? verdict.failures : [];
}

const subjects = (): SubjectState => new SubjectState(attestation(), attestation({ workload: OTHER_AGENT }));
const keyLimit = { asset: 'SOL', window: '24h', max: '100 SOL' };

describe('deny lists', () => {
  it('win over everything that allows', () => {
    const rules = { destinations: both, deny: { accounts: [addressOf('carol')], programs: ['memo'] } };
    expect(refused(rules, pay(1n))).toEqual([]);
    expect(refused(rules, pay(1n, CAROL))).toMatchObject([
      {
        code: 'DESTINATION_NOT_ALLOWED',
        destination: addressOf('carol'),
        rule: 'keys.trading-1.deny.accounts',
      },
    ]);
    expect(refused({ ...rules, destinations: 'any' }, pay(1n, CAROL))).toHaveLength(1);
    const withMemo = compile('legacy', [K], [systemTransfer(K, BOB, 1n), memo('x')]);
    expect(refused(rules, withMemo)).toMatchObject([
      { code: 'PROGRAM_NOT_ALLOWED', instruction: 1, rule: 'keys.trading-1.deny.programs' },
    ]);
  });

  it('find a denied account in any role, and its derived token accounts', () => {
    const rules = { destinations: 'any', deny: { accounts: [addressOf('carol')] } };
    const asSigner = compile('legacy', [K, CAROL], [systemTransfer(K, BOB, 1n)]);
    expect(refused(rules, asSigner)).toMatchObject([{ code: 'DESTINATION_NOT_ALLOWED' }]);
    const derived = deriveAssociatedTokenAccount(CAROL, PROGRAM_IDS.token, NATIVE_MINT);
    expect(refused(rules, pay(1n, derived))).toMatchObject([{ code: 'DESTINATION_NOT_ALLOWED' }]);
  });

  it('refuse accounts behind a table that is not pinned', () => {
    const table = pubkeyOf('table');
    const message = encodeMessage({
      version: 0,
      accounts: [K, BOB, PROGRAM_IDS.system],
      signatures: 1,
      readonlyUnsigned: 1,
      instructions: [{ program: 2, accounts: [0, 1], data: Buffer.concat([u32(2), u64(1n)]) }],
      lookups: [{ table, writable: [0], readonly: [] }],
    });
    const rules = { destinations: both, deny: { accounts: [addressOf('carol')] } };
    expect(refused(rules, message)).toMatchObject([
      { code: 'UNRESOLVED_LOOKUP', rule: 'keys.trading-1.deny.accounts' },
    ]);
    expect(refused({ destinations: both }, message)).toEqual([]);
  });
});

describe('sizes, co-signers and memos', () => {
  it('bounds instructions and signers', () => {
    const two = compile('legacy', [K, CAROL], [systemTransfer(K, BOB, 1n), memo('x')]);
    expect(refused({ maxInstructions: 2, maxSigners: 2 }, two)).toEqual([]);
    expect(refused({ maxInstructions: 1, maxSigners: 1 }, two)).toMatchObject([
      { code: 'INSTRUCTION_NOT_ALLOWED', limit: '1', requested: '2', rule: 'keys.trading-1.maxInstructions' },
      { code: 'INSTRUCTION_NOT_ALLOWED', limit: '1', requested: '2', rule: 'keys.trading-1.maxSigners' },
    ]);
  });

  it('asks for a co-signer among the signers, not among the accounts', () => {
    const rules = { destinations: both, coSigners: [addressOf('carol')] };
    expect(refused(rules, pay(1n))).toMatchObject([
      { code: 'NOT_A_SIGNER', rule: 'keys.trading-1.coSigners' },
    ]);
    expect(refused(rules, pay(1n, CAROL))).toMatchObject([{ code: 'NOT_A_SIGNER' }]);
    expect(refused(rules, compile('legacy', [K, CAROL], [systemTransfer(K, BOB, 1n)]))).toEqual([]);
  });

  it('asks for a memo', () => {
    const withMemo = (text: string): Buffer =>
      compile('legacy', [K], [memo(text), systemTransfer(K, BOB, 1n)]);
    expect(refused({ memo: 'required' }, pay(1n))).toMatchObject([
      { code: 'INSTRUCTION_NOT_ALLOWED', rule: 'keys.trading-1.memo' },
    ]);
    expect(refused({ memo: 'required' }, withMemo(''))).toMatchObject([{ rule: 'keys.trading-1.memo' }]);
    expect(refused({ memo: 'required' }, withMemo('anything'))).toEqual([]);
    const tagged = { memo: { startsWith: 'desk-7/' } };
    expect(refused(tagged, withMemo('desk-7/order 9'))).toEqual([]);
    expect(refused(tagged, withMemo('desk-70'))).toMatchObject([{ rule: 'keys.trading-1.memo' }]);
  });

  it('closes outside hours and says when it opens', () => {
    const rules = { hours: { zone: 'UTC', days: 'mon-fri', from: '13:00', to: '17:00' } };
    expect(refused(rules, pay(1n))).toEqual([
      {
        code: 'OUTSIDE_HOURS',
        message: 'key trading-1 is closed at this hour in UTC',
        resetsAt: '2026-06-15T13:00:00.000Z',
        rule: 'keys.trading-1.hours',
      },
    ]);
    expect(refused({ hours: { ...rules.hours, from: '12:00' } }, pay(1n))).toEqual([]);
  });
});

describe('limits below the key', () => {
  it('bound one destination, over all accounts that stand for it', () => {
    const rules = {
      destinations: both,
      limits: [keyLimit, { asset: 'SOL', window: '24h', max: '1 SOL', destination: addressOf('bob') }],
    };
    const state = subjects();
    const wrapped = deriveAssociatedTokenAccount(BOB, PROGRAM_IDS.token, NATIVE_MINT);
    state.spendBy(addressOf('bob'), 'SOL', 600_000_000n, NOON - 3_600_000);
    state.spendBy(toAddress(wrapped), 'SOL', 300_000_000n, NOON - 1000);
    expect(refused(rules, pay(100_000_000n), state)).toEqual([]);
    expect(refused(rules, pay(100_000_001n), state)).toMatchObject([
      {
        code: 'SPEND_LIMIT_EXCEEDED',
        destination: addressOf('bob'),
        limit: '1000000000',
        spent: '900000000',
        requested: '100000001',
        rule: 'keys.trading-1.limits[1]',
      },
    ]);
    expect(refused(rules, pay(5_000_000_000n, CAROL), state)).toEqual([]);
  });

  it('bound each destination for itself', () => {
    const rules = {
      destinations: both,
      limits: [keyLimit, { asset: 'SOL', window: '24h', max: '1 SOL', destination: 'each' }],
    };
    const state = subjects();
    state.spendBy(addressOf('bob'), 'SOL', 900_000_000n, NOON - 1000);
    const message = compile(
      'legacy',
      [K],
      [
        systemTransfer(K, BOB, 60_000_000n),
        systemTransfer(K, CAROL, 900_000_000n),
        systemTransfer(K, BOB, 60_000_000n),
      ],
    );
    expect(refused(rules, message, state)).toMatchObject([
      {
        destination: addressOf('bob'),
        spent: '900000000',
        requested: '120000000',
        resetsAt: new Date(NOON - 1000 + 86_400_000).toISOString(),
      },
    ]);
  });

  it('bound one workload or each, and leave the others alone', () => {
    const one = {
      workloads: [AGENT, OTHER_AGENT],
      limits: [keyLimit, { asset: 'SOL', window: '1h', max: '1 SOL', workload: OTHER_AGENT }],
    };
    expect(refused(one, pay(2_000_000_000n), subjects())).toEqual([]);
    expect(refused(one, pay(2_000_000_000n), subjects(), OTHER_AGENT)).toMatchObject([
      { rule: 'keys.trading-1.limits[1]', limit: '1000000000', spent: '0' },
    ]);
    const each = {
      ...one,
      limits: [keyLimit, { asset: 'SOL', window: '1h', max: '1 SOL', workload: 'each' }],
      rate: [
        { max: 100, window: '1m' },
        { max: 1, window: '1m', workload: 'each' },
      ],
    };
    const state = subjects();
    state.spendBy(AGENT, 'transactions', 1n, NOON - 1000);
    expect(refused(each, pay(1n), state)).toMatchObject([
      { code: 'RATE_LIMITED', rule: 'keys.trading-1.rate[1]', spent: '1', limit: '1' },
    ]);
    expect(refused(each, pay(1n), state, OTHER_AGENT)).toEqual([]);
  });

  it('refuse when the state keeps no meter for them: absent is never unlimited', () => {
    const rules = {
      limits: [keyLimit, { asset: 'SOL', window: '24h', max: '1 SOL', destination: 'each' }],
      rate: { max: 5, window: '1m', workload: 'each' },
    };
    expect(refused(rules, pay(1n))).toMatchObject([
      { code: 'LEDGER_UNAVAILABLE', rule: 'keys.trading-1.limits[1]' },
      { code: 'LEDGER_UNAVAILABLE', rule: 'keys.trading-1.rate[0]' },
    ]);
  });

  it('a rate below the key leaves the key its default', () => {
    const rules = { rate: { max: 5, window: '1m', workload: 'each' } };
    const state = subjects();
    state.spend('transactions', 600n, NOON - 1);
    expect(refused(rules, pay(1n), state)).toMatchObject([
      { code: 'RATE_LIMITED', limit: '600', spent: '600' },
    ]);
  });
});
