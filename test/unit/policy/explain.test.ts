import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { toAddress, type Pubkey } from '../../../src/core/pubkey.js';
import { decide } from '../../../src/policy/decide.js';
import { blankState, ASSUMED_POSSESSION } from '../../../src/policy/explain/blank-state.js';
import { explain } from '../../../src/policy/explain/explain.js';
import { explanationText } from '../../../src/policy/explain/explanation-text.js';
import { located } from '../../../src/policy/explain/located.js';
import type { PolicyState } from '../../../src/policy/policy-state.js';
import type { Question } from '../../../src/policy/verdict.js';
import { PROGRAM_IDS } from '../../../src/solana/program-names.js';
import { EXPLAINED } from '../../support/explained.js';
import { REFUSALS } from '../../support/policy-refusals.js';
import { questionOf } from '../../support/policy-question.js';
import { attestation, ListState, NOON } from '../../support/policy-state.js';
import { SubjectState } from '../../support/policy-subjects.js';
import { AGENT, policyWith, pubkeyOf } from '../../support/policy-text.js';
import { compile, memo, systemTransfer, u32, u64 } from '../../support/solana-build.js';

function explained(question: Question, state: PolicyState) {
  return explain(question, state, decide(question, state));
}

/** The text that is kept, or with WRITE_GOLDEN=1 what it is from now on. */
function golden(name: string, text: string): string {
  const file = fileURLToPath(new URL(`../../golden/explain/${name}.txt`, import.meta.url));
  if (process.env['WRITE_GOLDEN'] === '1') writeFileSync(file, text);
  return readFileSync(file, 'utf8');
}

describe('explanationText', () => {
  it.each(EXPLAINED)('reads as kept: $name', ({ name, ask, code }) => {
    const { question, state } = ask();
    const explanation = explained(question, state);
    expect(explanation.failures[0]?.code).toBe(code);
    const text = `${explanationText(explanation)}\n`;
    expect(text).toBe(golden(name, text));
  });

  it('keeps ten refusals by ten different codes', () => {
    const codes = EXPLAINED.flatMap(({ code }) => code ?? []);
    expect(codes.length).toBeGreaterThanOrEqual(10);
    expect(new Set(codes).size).toBe(codes.length);
  });

  it('lets no text of a transaction reach the terminal as more than text', () => {
    const hostile = 'ok\u001b[2J\u202egnp.exe\u0007\r\n"';
    const { policy, key } = policyWith();
    const message = compile('legacy', [pubkeyOf('trading-1')], [memo(hostile)]);
    const question = questionOf({ policy, key }, message);
    const text = explanationText(explained(question, blankState(key, AGENT, 1, NOON)));
    expect(text).toContain('memo Memo: "ok\\u{1b}[2J\\u{202e}gnp.exe\\u{7}\\u{d}\\u{a}\\""');
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it('says the rent of an account once, and the wallet only where it is nobody else', () => {
    const [K, bob] = ['trading-1', 'bob'].map(pubkeyOf) as [Pubkey, Pubkey];
    const { token, system } = PROGRAM_IDS;
    const open = (wallet: Pubkey) => ({
      program: PROGRAM_IDS['associated-token'],
      accounts: [K, pubkeyOf('account'), wallet, pubkeyOf('mint'), system, token],
      data: Uint8Array.of(1),
    });
    const question = questionOf(policyWith(), compile('legacy', [K], [open(bob), open(K)]));
    const text = explanationText(explained(question, new ListState(attestation())));
    const rent = '0.00203928 SOL (2039280 lamports) from trading-1';
    expect(text).toContain(`CreateIdempotent: ${rent} to ${toAddress(bob)} for the rent of an account\n`);
    expect(text).toContain(`CreateIdempotent: ${rent} for the rent of an account, wallet trading-1\n`);
  });

  it('says of stake that is withdrawn that it leaves stake', () => {
    const [K, account, bob] = ['trading-1', 'stake', 'bob'].map(pubkeyOf) as [Pubkey, Pubkey, Pubkey];
    const withdraw = {
      program: PROGRAM_IDS.stake,
      accounts: [account, bob, bob, bob, K],
      data: Buffer.concat([u32(4), u64(1_500_000_000n)]),
    };
    const question = questionOf(policyWith(), compile('legacy', [K], [withdraw]));
    expect(explanationText(explained(question, new ListState(attestation())))).toContain(
      `stake Withdraw: 1.5 SOL (1500000000 lamports) from ${toAddress(account)} to ${toAddress(bob)} out of stake\n`,
    );
  });
});

describe('explain', () => {
  it('says of each limit whose it is, when it is not the whole key’s', () => {
    const limits = [
      { asset: 'SOL', window: '1h', max: '2 SOL' },
      { asset: 'SOL', window: '1h', max: '1 SOL', destination: 'each' },
      { asset: 'SOL', window: '1h', max: '0.5 SOL', workload: 'each' },
    ];
    const rules = { limits, destinations: 'any', ownAccounts: 'trusted' };
    const { policy, key } = policyWith(rules);
    const K = pubkeyOf('trading-1');
    const bob = pubkeyOf('bob');
    const message = compile('legacy', [K], [systemTransfer(K, bob, 1000n)]);
    const question = questionOf({ policy, key }, message);
    const explanation = explained(question, new SubjectState(attestation()));
    expect(
      explanation.limits.map(({ asset, destination, workload }) => ({ asset, destination, workload })),
    ).toEqual([
      { asset: 'SOL', destination: undefined, workload: undefined },
      { asset: 'SOL', destination: toAddress(bob), workload: undefined },
      { asset: 'SOL', destination: undefined, workload: AGENT },
      { asset: 'transactions', destination: undefined, workload: undefined },
    ]);
    expect(explanationText(explanation)).toContain(`of 1 SOL in 1h to ${toAddress(bob)}\n`);
    expect(explanationText(explanation)).toContain(`of 0.5 SOL in 1h for ${AGENT}\n`);
  });

  it('of a limit for each destination, fails the one that is passed, once', () => {
    const limits = [
      { asset: 'SOL', window: '1h', max: '2 SOL' },
      { asset: 'SOL', perTransaction: '0.1 SOL', window: '1h', max: '0.2 SOL', destination: 'each' },
    ];
    const [K, bob, carol] = ['trading-1', 'bob', 'carol'].map(pubkeyOf) as [Pubkey, Pubkey, Pubkey];
    const pay = [systemTransfer(K, bob, 300_000_000n), systemTransfer(K, carol, 1n)];
    const question = questionOf(policyWith({ limits, destinations: 'any' }), compile('legacy', [K], pay));
    const { checks, failures } = explained(question, new SubjectState(attestation()));
    const each = checks.filter(({ rule }) => rule.startsWith('keys.trading-1.limits[1]'));
    expect(each.map(({ passed, sentence }) => [passed, sentence])).toEqual([
      ...failures.map(({ message }) => [false, message]),
      [true, `0.000000001 SOL more to ${toAddress(carol)}; 0 SOL spent of 0.2 SOL in 1h`],
    ]);
    expect(failures).toHaveLength(2);
  });

  it.each(REFUSALS)('its failing checks are the failures of decide: $title', ({ ask }) => {
    const { question, state } = ask();
    const { checks, failures, advice } = explained(question, state);
    const failing = checks.filter(({ passed }) => !passed).map(({ sentence }) => sentence);
    expect(failing.toSorted()).toEqual(failures.map(located).toSorted());
    expect(failing.length).toBeGreaterThan(0);
    expect(advice.length).toBeGreaterThan(0);
  });

  it('every check of an allowed transaction passes, each by its path', () => {
    const { policy, key } = policyWith();
    const K = pubkeyOf('trading-1');
    const message = compile('legacy', [K], [systemTransfer(K, pubkeyOf('bob'), 1000n)]);
    const question = questionOf({ policy, key }, message, { possessed: new Set([ASSUMED_POSSESSION]) });
    const { decision, checks, advice } = explained(question, blankState(key, AGENT, 1, NOON));
    expect(decision).toBe('allow');
    expect(advice).toEqual([]);
    expect(checks.filter(({ passed }) => !passed)).toEqual([]);
    expect(checks.map(({ rule }) => rule)).toEqual([
      'key',
      'attestation',
      'transaction',
      'keys.trading-1.programs',
      'keys.trading-1.destinations',
      'keys.trading-1.limits',
      'keys.trading-1.fee',
      'keys.trading-1.limits[0]',
      'keys.trading-1.limits[1]',
      'keys.trading-1.rate',
    ]);
  });

  it('says the fee in parts that sum to what is counted', () => {
    const { question, state } = EXPLAINED.find(({ name }) => name === 'fee-limit')!.ask();
    const { fee, feeBound } = explained(question, state);
    expect(BigInt(feeBound.base) + BigInt(feeBound.priority)).toBe(BigInt(fee));
    expect(feeBound).toMatchObject({ payer: true, units: 1_400_000, unitsSet: true, price: '1000000' });
  });

  it('says that a repeat counts nothing more', () => {
    const { question, state } = EXPLAINED[0]!.ask();
    const list = new ListState(...state.attestations(AGENT, question.key.address, NOON));
    list.seen.set(`${AGENT} transaction ${question.messageHash}`, { sequence: 41, time: NOON - 1000 });
    const explanation = explained(question, list);
    expect(explanation).toMatchObject({ repeats: '41', counted: [] });
    expect(explanationText(explanation)).toContain('nothing more: these very bytes were counted in entry 41');
  });
});
