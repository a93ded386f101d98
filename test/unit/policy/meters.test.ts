import { describe, expect, it } from 'vitest';
import type { Pubkey } from '../../../src/core/pubkey.js';
import { Meters } from '../../../src/ledger/fold/meters.js';
import { decide } from '../../../src/policy/decide.js';
import { limitsOf } from '../../../src/policy/limits-of.js';
import { parsePolicy } from '../../../src/policy/parse-policy.js';
import { deriveAssociatedTokenAccount } from '../../../src/solana/derive.js';
import { toAddress } from '../../../src/core/pubkey.js';
import { NATIVE_MINT } from '../../../src/solana/native-mint.js';
import { PROGRAM_IDS } from '../../../src/solana/program-names.js';
import * as bodies from '../../support/ledger-bodies.js';
import { FoldedState } from '../../support/policy-fold.js';
import { questionOf } from '../../support/policy-question.js';
import { attestation, ListState, NOON } from '../../support/policy-state.js';
import {
  addressOf,
  AGENT,
  ledgerKeyText,
  OTHER_AGENT,
  policyBytes,
  pubkeyOf,
  USDC_MINT,
  walletText,
  type Yaml,
} from '../../support/policy-text.js';
import { compile, systemTransfer, u64, type TestInstruction } from '../../support/solana-build.js';
import { DECLARED, EXCHANGE_TEXT, IDL_BYTES } from '../../support/solana-declared.js';

/** Whose a meter is: decisions over the ledger's own fold, each appended as the daemon would. */

const BOB = pubkeyOf('bob');
const CAROL = pubkeyOf('carol');

class Site {
  readonly #state = new FoldedState(NOON - 1000, [AGENT, OTHER_AGENT]);
  readonly #policy;
  #now = NOON;

  constructor(rules: { readonly [key: string]: Yaml }) {
    const wallet = (id: string): Yaml =>
      walletText({
        id,
        object: { label: id },
        publicKey: addressOf(id),
        workloads: [AGENT, OTHER_AGENT],
        destinations: [addressOf('bob'), addressOf('carol')],
        programs: ['system', 'token', 'exchange'],
        attestation: { maxAge: '30d' },
        ...rules,
      });
    const keys = [wallet('trading-1'), wallet('trading-2'), ledgerKeyText()];
    this.#policy = parsePolicy(policyBytes({ programs: { exchange: EXCHANGE_TEXT }, keys }), {
      blob: () => IDL_BYTES,
    });
    [AGENT, OTHER_AGENT].forEach((workload, index) => {
      const named = [{ id: 'trading-2', publicKey: addressOf('trading-2') }];
      const expiresAt = NOON + 30 * 86_400_000;
      const issuedAt = NOON - 1000;
      const body = bodies.attestation({ number: 9 + index, workload, keys: named, issuedAt, expiresAt });
      this.#state.append(body, issuedAt);
    });
  }

  /** `ok` and counted, `repeat`, or the rules that refuse. */
  ask(id: string, instructions: readonly TestInstruction[], workload = AGENT): string {
    const key = this.#policy.keys.get(id)!;
    const message = compile('legacy', [pubkeyOf(id)], instructions);
    const question = questionOf({ policy: this.#policy, key }, message, {
      workload,
      now: (this.#now += 1000),
    });
    const verdict = decide(question, this.#state.fold);
    if (verdict.decision === 'deny') return verdict.failures.map(({ rule }) => rule ?? '').join(' ');
    this.#state.authorize(question, verdict);
    return verdict.repeats === null ? 'ok' : 'repeat';
  }
}

const ata = (wallet: Pubkey, mint: Pubkey): Pubkey =>
  deriveAssociatedTokenAccount(wallet, PROGRAM_IDS.token, mint);
const sol = (from: string, lamports: bigint, to = BOB): TestInstruction =>
  systemTransfer(pubkeyOf(from), to, lamports);
const KEY = { asset: 'SOL', window: '24h', max: '100 SOL' };

describe('meters below the key', () => {
  it('of a workload are those of one key: another key has its own', () => {
    const site = new Site({ limits: [KEY, { asset: 'SOL', window: '1h', max: '1 SOL', workload: 'each' }] });
    expect(site.ask('trading-1', [sol('trading-1', 900_000_000n)])).toBe('ok');
    expect(site.ask('trading-1', [sol('trading-1', 200_000_000n)])).toBe('keys.trading-1.limits[1]');
    expect(site.ask('trading-2', [sol('trading-2', 900_000_000n)])).toBe('ok');
    expect(site.ask('trading-1', [sol('trading-1', 200_000_000n)], OTHER_AGENT)).toBe('ok');
    expect(site.ask('trading-2', [sol('trading-2', 200_000_000n)])).toBe('keys.trading-2.limits[1]');
  });

  it('count bytes that are asked for again once, and in full for another workload', () => {
    const site = new Site({
      limits: [KEY, { asset: 'SOL', window: '1h', max: '1 SOL', workload: 'each' }],
      rate: [
        { max: 3, window: '1m' },
        { max: 1, window: '1m', workload: 'each' },
      ],
    });
    const same = [sol('trading-1', 900_000_000n)];
    expect(site.ask('trading-1', same)).toBe('ok');
    for (let again = 0; again < 5; again++) expect(site.ask('trading-1', same)).toBe('repeat');
    expect(site.ask('trading-1', [sol('trading-1', 1n)])).toBe('keys.trading-1.rate[1]');
    expect(site.ask('trading-1', same, OTHER_AGENT)).toBe('ok');
    expect(site.ask('trading-1', same, OTHER_AGENT)).toBe('repeat');
    expect(site.ask('trading-1', [sol('trading-1', 1n)], OTHER_AGENT)).toBe('keys.trading-1.rate[1]');
  });

  it('of a destination add up its wallet, its token accounts and what a declared program pays', () => {
    const from = pubkeyOf('trading-1');
    const source = ata(from, NATIVE_MINT);
    const limit = { asset: 'SOL', window: '24h', max: '1 SOL', destination: addressOf('bob') };
    const site = new Site({ limits: [KEY, limit] });
    const wrapped = (amount: bigint): TestInstruction => ({
      program: PROGRAM_IDS.token,
      accounts: [source, NATIVE_MINT, ata(BOB, NATIVE_MINT), from],
      data: Buffer.concat([Buffer.of(12), u64(amount), Buffer.of(9)]),
    });
    const declared = (amount: bigint, to = BOB): TestInstruction => ({
      program: DECLARED,
      accounts: [source, NATIVE_MINT, to, from],
      data: Buffer.concat([Buffer.of(12), u64(amount), Buffer.of(9)]),
    });
    expect(site.ask('trading-1', [sol('trading-1', 300_000_000n)])).toBe('ok');
    expect(site.ask('trading-1', [wrapped(400_000_000n)])).toBe('ok');
    expect(site.ask('trading-1', [declared(300_000_001n)])).toBe('keys.trading-1.limits[1]');
    expect(site.ask('trading-1', [declared(300_000_000n)])).toBe('ok');
    for (const more of [
      sol('trading-1', 1n),
      wrapped(1n),
      declared(1n),
      declared(1n, ata(BOB, NATIVE_MINT)),
    ]) {
      expect(site.ask('trading-1', [more])).toBe('keys.trading-1.limits[1]');
    }
    expect(site.ask('trading-1', [declared(1n, CAROL)])).toBe('ok');
  });

  it('of each token of a destination are apart', () => {
    const limit = { window: '24h', destination: addressOf('bob') };
    const limits = [
      KEY,
      { asset: 'USDC', window: '24h', max: '10 USDC' },
      { ...limit, asset: 'SOL', max: '1 SOL' },
      { ...limit, asset: 'USDC', max: '1 USDC' },
    ];
    const site = new Site({ limits });
    const { mint } = parsePolicy(policyBytes()).assets.get('USDC')!.token!;
    expect(toAddress(mint)).toBe(USDC_MINT);
    const send = (amount: bigint): TestInstruction => ({
      program: PROGRAM_IDS.token,
      accounts: [ata(pubkeyOf('trading-1'), mint), mint, ata(BOB, mint), pubkeyOf('trading-1')],
      data: Buffer.concat([Buffer.of(12), u64(amount), Buffer.of(6)]),
    });
    expect(site.ask('trading-1', [sol('trading-1', 1_000_000_000n), send(1_000_000n)])).toBe('ok');
    expect(site.ask('trading-1', [sol('trading-1', 1n), send(1n)])).toBe(
      'keys.trading-1.limits[2] keys.trading-1.limits[3]',
    );
  });
});

describe('a window that is full because a rollback was accepted', () => {
  it('I6: refuses, and shows all of the limit as held: no figure of the daemon’s own', () => {
    const meters = new Meters();
    meters.fill(NOON);
    const key = parsePolicy(
      policyBytes({
        keys: [
          walletText({
            limits: [KEY, { ...KEY, max: '1 SOL', destination: addressOf('bob') }],
            rate: [{ max: 3, window: '1m' }],
          }),
          ledgerKeyText(),
        ],
      }),
    ).keys.get('trading-1')!;
    const reports = limitsOf(key, meters, NOON + 1000);
    expect(reports.map(({ max, spent, remaining }) => [max, spent, remaining])).toEqual([
      [100_000_000_000n, 100_000_000_000n, 0n],
      [1_000_000_000n, 1_000_000_000n, 0n],
      [3n, 3n, 0n],
    ]);
    const state = Object.assign(new ListState(attestation()), {
      spent: meters.spent.bind(meters),
      spentBy: meters.spentBy.bind(meters),
      drainsTo: meters.drainsTo.bind(meters),
      drainsToBy: meters.drainsToBy.bind(meters),
    });
    const policy = parsePolicy(policyBytes());
    const message = compile('legacy', [pubkeyOf('trading-1')], [sol('trading-1', 1n)]);
    const verdict = decide(questionOf({ policy, key }, message, { now: NOON + 1000 }), state);
    const failures = verdict.decision === 'deny' ? verdict.failures : [];
    const about = failures.filter(({ spent }) => spent !== undefined);
    expect(about.length).toBeGreaterThan(1);
    for (const { limit, spent, message } of about) {
      expect(spent).toBe(limit);
      expect(message).not.toMatch(/18446744073/);
    }
  });
});
