import { describe, expect, it } from 'vitest';
import type { Failure } from '../../../src/core/errors.js';
import { toAddress, type Pubkey } from '../../../src/core/pubkey.js';
import { decide } from '../../../src/policy/decide.js';
import { diffPolicies } from '../../../src/policy/diff-policies.js';
import { parsePolicy, policyBlobs } from '../../../src/policy/parse-policy.js';
import type { Policy } from '../../../src/policy/policy.js';
import { deriveAssociatedTokenAccount } from '../../../src/solana/derive.js';
import { PROGRAM_IDS } from '../../../src/solana/program-names.js';
import { compile, u64, type TestInstruction } from '../../support/solana-build.js';
import { DECLARED, EXCHANGE_TEXT, IDL_BYTES, PAY_TEXT } from '../../support/solana-declared.js';
import { questionOf } from '../../support/policy-question.js';
import { attestation, ListState } from '../../support/policy-state.js';
import { SubjectState } from '../../support/policy-subjects.js';
import {
  addressOf,
  ledgerKeyText,
  policyBytes,
  policyWith,
  pubkeyOf,
  walletText,
  type Yaml,
} from '../../support/policy-text.js';
import { thrown } from '../../support/thrown.js';

const SHA = EXCHANGE_TEXT.idl.sha256;
const blob = (sha256: string): Uint8Array | null => (sha256 === SHA ? IDL_BYTES : null);
const K = pubkeyOf('trading-1');
const BOB = pubkeyOf('bob');

type Changes = { readonly [key: string]: Yaml | undefined };

const pay = (changes: Changes = {}): Yaml => ({
  ...PAY_TEXT,
  bounds: [{ argument: 'decimals', least: 6, most: 6 }],
  ...changes,
});
const exchange = (changes: Changes = {}, instruction = pay()): Yaml => ({
  ...EXCHANGE_TEXT,
  instructions: [instruction],
  ...changes,
});

function bytesOf(
  program: Yaml,
  name = 'exchange',
  listed: readonly string[] = ['exchange'],
  limits: readonly Yaml[] = LIMITS,
): Buffer {
  return policyBytes({
    programs: { [name]: program },
    keys: [walletText({ programs: listed, limits }), ledgerKeyText()],
  });
}
const LIMITS = [
  { asset: 'SOL', window: '1h', max: '2 SOL' },
  { asset: 'USDC', window: '24h', max: '100 USDC' },
];
const policyOf = (program: Yaml = exchange(), listed?: readonly string[]): Policy =>
  parsePolicy(bytesOf(program, 'exchange', listed), { blob });
const problemOf = (program: Yaml, name?: string): string =>
  thrown(() => parsePolicy(bytesOf(program, name), { blob })).message;

const mint = policyWith().policy.assets.get('USDC')!.token!.mint;
const account = (wallet: Pubkey): Pubkey => deriveAssociatedTokenAccount(wallet, PROGRAM_IDS.token, mint);

function payInstruction(amount: bigint, decimals = 6, to = BOB): TestInstruction {
  return {
    program: DECLARED,
    accounts: [account(K), mint, account(to), K],
    data: Buffer.concat([Buffer.of(12), u64(amount), Buffer.of(decimals)]),
  };
}

function judge(policy: Policy, ...instructions: readonly TestInstruction[]) {
  const key = policy.keys.get('trading-1')!;
  const verdict = decide(
    questionOf({ policy, key }, compile('legacy', [K], instructions)),
    new ListState(attestation()),
  );
  const failures: readonly Failure[] = verdict.decision === 'deny' ? verdict.failures : [];
  return { verdict, failures };
}

describe('a declared program', () => {
  it('is compiled against the IDL that is pinned', () => {
    expect(policyBlobs(bytesOf(exchange()))).toEqual([SHA]);
    expect(policyBlobs(policyBytes())).toEqual([]);
    expect(policyOf().programs.get('exchange')).toMatchObject({ program: DECLARED, idl: SHA });
  });

  it('counts what is declared, in the asset of the source, and shows the exposure', () => {
    const { verdict, failures } = judge(policyOf(), payInstruction(90_000_000n));
    expect(failures).toEqual([]);
    expect(verdict.counted).toContainEqual({ unit: 'USDC', amount: 90_000_000n });
    expect(verdict.exposure).toMatchObject([
      { program: 'exchange', accounts: [toAddress(account(K)), addressOf('trading-1')] },
    ]);
    expect(
      judge(policyOf(), payInstruction(60_000_000n), payInstruction(60_000_000n)).failures,
    ).toMatchObject([{ code: 'SPEND_LIMIT_EXCEEDED', asset: 'USDC', requested: '120000000' }]);
  });

  it('obeys destinations, bounds, and the list of programs', () => {
    expect(judge(policyOf(), payInstruction(1n, 6, pubkeyOf('mallory'))).failures).toMatchObject([
      { code: 'DESTINATION_NOT_ALLOWED' },
    ]);
    expect(judge(policyOf(), payInstruction(1n, 9)).failures).toMatchObject([
      { code: 'INSTRUCTION_NOT_ALLOWED' },
    ]);
    expect(judge(policyOf(exchange(), ['system']), payInstruction(1n)).failures).toMatchObject([
      { code: 'PROGRAM_NOT_ALLOWED', rule: 'keys.trading-1.programs' },
    ]);
  });

  it('counts for the destination it pays, so that limits below the key hold', () => {
    const limit = { asset: 'USDC', window: '24h', max: '50 USDC' };
    const narrow = (destination: string): readonly Failure[] => {
      const limits = [...LIMITS, { ...limit, destination }];
      const policy = parsePolicy(bytesOf(exchange(), 'exchange', undefined, limits), { blob });
      const key = policy.keys.get('trading-1')!;
      const message = compile('legacy', [K], [payInstruction(50_000_001n)]);
      const verdict = decide(questionOf({ policy, key }, message), new SubjectState(attestation()));
      return verdict.decision === 'deny' ? verdict.failures : [];
    };
    for (const destination of ['each', addressOf('bob')]) {
      expect(narrow(destination)).toMatchObject([
        { code: 'SPEND_LIMIT_EXCEEDED', requested: '50000001', limit: '50000000' },
      ]);
    }
    expect(narrow(addressOf('carol'))).toEqual([]);
  });

  it('takes in no more places than an entry of the ledger can hold', () => {
    const spends = Array.from({ length: 5 }, () => ({ source: 'from', amount: { argument: 'amount' } }));
    const policy = policyOf(exchange({}, pay({ spends })));
    const calls = (count: number) => Array.from({ length: count }, () => payInstruction(1n));
    expect(judge(policy, ...calls(25)).failures).toEqual([]);
    expect(judge(policy, ...calls(26)).failures).toMatchObject([
      { code: 'INSTRUCTION_NOT_ALLOWED', limit: '128', requested: '130' },
    ]);
  });

  it.each<[string, Yaml, string]>([
    [
      'another IDL',
      exchange({ idl: { format: 'anchor', sha256: '00'.repeat(32) } }),
      'no IDL with this SHA-256',
    ],
    ['another program than the IDL is for', exchange({ id: addressOf('x') }), 'the IDL is for'],
    [
      'a program with rules of its own',
      exchange({ id: toAddress(PROGRAM_IDS.token) }),
      'has rules of its own',
    ],
    ['an instruction the IDL has not', exchange({}, pay({ name: 'swap' })), 'no such instruction'],
    ['an account the IDL has not', exchange({}, pay({ own: ['source'] })), 'no account source'],
    [
      'a spend from what is not the key’s',
      exchange({}, pay({ spends: [{ source: 'to', amount: { argument: 'amount' } }] })),
      "not the key's to spend",
    ],
    [
      'a bound that bounds nothing',
      exchange({}, pay({ bounds: [{ argument: 'amount' }] })),
      'bounds nothing',
    ],
    [
      'a bound that nothing meets',
      exchange({}, pay({ bounds: [{ argument: 'amount', least: 2, most: 1 }] })),
      'least is above most',
    ],
    [
      'a spend with two destinations',
      exchange({}, pay({ destinations: ['to', 'mint'] })),
      'several destinations',
    ],
    [
      'a negative constant',
      exchange({}, pay({ spends: [{ source: 'from', amount: { constant: '-1' } }] })),
      'expected a whole number',
    ],
    ['an unknown field', exchange({}, pay({ boundz: [] })), 'did you mean bounds?'],
    ['too many accounts that follow', exchange({}, pay({ remaining: 65 })), 'a whole number to 64'],
  ])('with %s is refused', (_what, program, text) => {
    expect(problemOf(program)).toContain(text);
  });

  it('cannot take the name of a known program', () => {
    expect(problemOf(exchange(), 'Token')).toContain('another program is called token');
  });

  it('that is handed what is the key’s and counts nothing gets a warning', () => {
    expect(policyOf(exchange({}, pay({ spends: [] }))).warnings).toEqual([
      'programs.exchange: pay reaches accounts of the key and counts nothing',
    ]);
  });

  it('is told in full by the diff', () => {
    const before = parsePolicy(
      policyBytes({ keys: [walletText({ programs: [], limits: LIMITS }), ledgerKeyText()] }),
    );
    const declared = `widens: program exchange is declared: ${toAddress(DECLARED)}, IDL ${SHA}`;
    const word =
      'widens: program exchange: pay is taken at its word, reaching all SOL of the key and lasting authority over ' +
      'its accounts, as owner, reaching the whole balance of its token accounts from, paying to, ' +
      'counting amount from from';
    const bound = ', where decimals is at least 6 and decimals is at most 6';
    expect(diffPolicies(before, policyOf())).toEqual([
      declared,
      word + bound,
      'widens: key trading-1: program exchange is added',
    ]);
    const unbound = policyOf(exchange({}, pay({ bounds: [] })));
    expect(diffPolicies(policyOf(), unbound)).toEqual([
      `${word}; before, ${word.slice(word.indexOf('reaching'))}${bound}`,
    ]);
    expect(diffPolicies(policyOf(), before)).toContain('narrows: program exchange is gone');
  });

  it('is handed an account of the key for a stranger’s when its asset is no longer declared, and the diff says so', () => {
    const anyone = exchange({}, pay({ own: [], spends: [] }));
    const policyWithout = (assets: Yaml | undefined): Policy =>
      parsePolicy(
        policyBytes({
          ...(assets === undefined ? {} : { assets }),
          programs: { exchange: anyone },
          keys: [walletText({ programs: ['exchange'], limits: LIMITS.slice(0, 1) }), ledgerKeyText()],
        }),
        { blob },
      );
    const [declared, gone] = [policyWithout(undefined), policyWithout({})];
    const ask = (policy: Policy): readonly Failure['code'][] => {
      const site = { policy, key: policy.keys.get('trading-1')! };
      const message = compile('legacy', [pubkeyOf('payer'), K], [payInstruction(5n, 6, BOB)]);
      const verdict = decide(questionOf(site, message), new ListState(attestation()));
      return verdict.decision === 'allow' ? [] : verdict.failures.map(({ code }) => code);
    };
    expect(ask(declared)).toContain('INSTRUCTION_NOT_ALLOWED');
    expect(ask(gone)).not.toContain('INSTRUCTION_NOT_ALLOWED');
    expect(diffPolicies(declared, gone)).toEqual([
      'widens: asset USDC is gone: declared programs take the token accounts of the key for those of a stranger',
    ]);
  });
});
