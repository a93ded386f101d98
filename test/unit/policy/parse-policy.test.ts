import { describe, expect, it } from 'vitest';
import { parseAddress, toAddress } from '../../../src/core/pubkey.js';
import { sha256Hex } from '../../../src/core/sha256.js';
import { parsePolicy } from '../../../src/policy/parse-policy.js';
import { deriveAssociatedTokenAccount } from '../../../src/solana/derive.js';
import { feeBound } from '../../../src/solana/fee.js';
import { NATIVE_MINT } from '../../../src/solana/native-mint.js';
import { PROGRAM_IDS } from '../../../src/solana/program-names.js';
import { readMessage } from '../../../src/solana/read-message.js';
import {
  addressOf,
  AGENT,
  OTHER_AGENT,
  ledgerKeyText,
  policyBytes,
  policyWith,
  pubkeyOf,
  sshLine,
  USDC_MINT,
  walletText,
  type Yaml,
} from '../../support/policy-text.js';
import { compile } from '../../support/solana-build.js';
import { thrown } from '../../support/thrown.js';

/** A derived address, which no private key can have. */
const OFF_CURVE = toAddress(deriveAssociatedTokenAccount(pubkeyOf('bob'), PROGRAM_IDS.token, NATIVE_MINT));

/** The lines of the refusal. */
function problems(changes: { readonly [key: string]: Yaml | undefined }): string[] {
  const error = thrown(() => parsePolicy(policyBytes(changes)));
  expect(error.code).toBe('POLICY_INVALID');
  return error.message.split('\n');
}

const keyProblems = (changes: { readonly [key: string]: Yaml | undefined }): string[] =>
  problems({ keys: [walletText(changes), ledgerKeyText()] });

function numbered(count: number): Yaml[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `a${String(index)}`,
    ssh: sshLine(String(index)),
  }));
}

describe('parsePolicy', () => {
  it('compiles the example: amounts in base units, durations in milliseconds, names resolved', () => {
    const bytes = policyBytes();
    const policy = parsePolicy(bytes);
    expect(policy).toMatchObject({
      sha256: sha256Hex(bytes),
      serial: 1,
      signer: 'chancery.local/demo/5f0c9a3b1d2e4f60',
      warnings: [],
    });
    expect(policy.sovereign.threshold).toEqual({
      attestation: 1,
      approval: 1,
      policy: 1,
      unfreeze: 1,
      key: 1,
      'accept-rollback': 1,
      watermark: 1,
    });
    expect([...policy.assets.keys()]).toEqual(['SOL', 'USDC']);
    expect(policy.workloads[0]).toEqual({
      id: AGENT,
      selectors: [
        { kind: 'unix:uid', value: 1001 },
        { kind: 'unix:path', value: '/opt/trader/bin/trader' },
      ],
    });
    const key = policy.keys.get('trading-1');
    expect(key).toMatchObject({
      publicKey: pubkeyOf('trading-1'),
      address: addressOf('trading-1'),
      role: 'wallet',
      attestation: { maxAge: 3_600_000, challenge: 'optional', possession: 'optional' },
      fee: { perTransaction: 1_000_000n },
      ownAccounts: 'counted',
      rates: [{ max: 600, window: '1m' }],
      hours: null,
      maxInstructions: null,
      memo: null,
    });
    expect(key?.limits).toMatchObject([
      { asset: { name: 'SOL' }, perTransaction: 500_000_000n, window: '1h', max: 2_000_000_000n },
      { asset: { name: 'USDC' }, perTransaction: null, window: '24h', max: 10_000_000_000n },
    ]);
  });

  it('lets a wallet stand for its token accounts of SOL and every declared asset', () => {
    const { key } = policyWith();
    const bob = pubkeyOf('bob');
    const mint = policyWith().policy.assets.get('USDC')!.token!.mint;
    expect(key.destinations).toEqual(
      new Set([
        bob,
        deriveAssociatedTokenAccount(bob, PROGRAM_IDS.token, NATIVE_MINT),
        deriveAssociatedTokenAccount(bob, PROGRAM_IDS.token, mint),
      ]),
    );
    expect(toAddress(mint)).toBe(USDC_MINT);
  });

  it('shares one set between keys that name the same destinations', () => {
    const second = walletText({ id: 'trading-2', publicKey: addressOf('2'), object: { label: '2' } });
    const { keys } = parsePolicy(policyBytes({ keys: [walletText(), second, ledgerKeyText()] }));
    expect(keys.get('trading-1')!.destinations).toBe(keys.get('trading-2')!.destinations);
  });

  it('asks for all authorities where a threshold is absent', () => {
    const sovereign = {
      epoch: 3,
      threshold: { attestation: 1 },
      authorities: [
        { id: 'alice', ssh: sshLine('alice') },
        { id: 'bob', ssh: sshLine('bob') },
      ],
    };
    const { threshold } = parsePolicy(policyBytes({ sovereign })).sovereign;
    expect(threshold).toMatchObject({ attestation: 1, policy: 2, unfreeze: 2, 'accept-rollback': 2 });
  });

  it('warns of what is allowed but was hardly meant', () => {
    const odd = walletText({
      limits: [{ asset: 'USDC', window: '24h', max: '1 USDC', perTransaction: '2 USDC' }],
      deny: { programs: ['memo'], accounts: [addressOf('bob')] },
      rate: { max: 0, window: '1m', workload: OTHER_AGENT },
    });
    const { warnings } = parsePolicy(
      policyBytes({
        keys: [odd, ledgerKeyText()],
        workloads: [
          { id: AGENT, selectors: ['unix:path:/opt/trader'] },
          { id: OTHER_AGENT, selectors: ['unix:uid:1002'] },
        ],
      }),
    );
    expect(warnings).toEqual([
      `workload ${AGENT}: no selector names a uid, so it is any user for whom the others hold`,
      'keys.trading-1.limits[0]: perTransaction is above max, which at 1 USDC is the limit',
      'keys.trading-1.fee: fees are SOL, which has no limit here, so they are refused',
      `keys.trading-1.deny.accounts: ${addressOf('bob')} is allowed and denied: denied`,
      `keys.trading-1: a limit is about ${OTHER_AGENT}, which may not ask for signatures`,
      'keys.trading-1.rate: max is 0, so nothing can be signed',
      'keys.trading-1.deny.programs: memo is allowed and denied: denied',
    ]);
  });

  it('warns of a limit about a wallet that no destination is, as when one of the two is mistyped', () => {
    const warningsOf = (destination: string, rules: Parameters<typeof policyWith>[0] = {}) => {
      const limits = [
        { asset: 'SOL', window: '1h', max: '2 SOL' },
        { asset: 'SOL', window: '7d', max: '1 SOL', destination },
      ];
      return policyWith({ limits, ...rules }).policy.warnings;
    };
    expect(warningsOf(addressOf('bop'))).toEqual([
      `keys.trading-1.limits[1]: ${addressOf('bop')} is no destination, so it bounds nothing`,
    ]);
    expect(warningsOf(addressOf('bop'), { destinations: 'any' })).toEqual([]);
    const usdc = parseAddress(USDC_MINT)!;
    const account = deriveAssociatedTokenAccount(pubkeyOf('bob'), PROGRAM_IDS.token, usdc);
    for (const listed of [addressOf('bob'), toAddress(account), addressOf('trading-1')]) {
      expect(warningsOf(listed)).toEqual([]);
    }
    expect(warningsOf(addressOf('bob'), { destinations: [toAddress(account)] })).toEqual([]);
  });

  it('warns of a co-signer that the same workload may have sign, in one line however many they are', () => {
    const warningsOf = (both: readonly string[], ...workloads: readonly string[]): readonly string[] => {
      const second = { id: 'second', object: { label: 'second' }, publicKey: addressOf('second'), workloads };
      const first = walletText({
        workloads: both,
        coSigners: [addressOf('second'), addressOf('carol')],
      });
      return parsePolicy(policyBytes({ keys: [first, walletText(second), ledgerKeyText()] })).warnings;
    };
    expect(warningsOf([AGENT], AGENT, OTHER_AGENT)).toEqual([
      `keys.trading-1.coSigners: ${AGENT} may have second sign as well, so it is no second word`,
    ]);
    expect(warningsOf([AGENT, OTHER_AGENT], AGENT, OTHER_AGENT)).toEqual([
      `keys.trading-1.coSigners: ${AGENT} and 1 more may have second sign as well, so it is no second word`,
    ]);
    expect(warningsOf([AGENT], OTHER_AGENT)).toEqual([]);
  });

  it('warns of a fee that no transaction is counted with, such as what the chain takes today', () => {
    const warningsOf = (perTransaction: string) => policyWith({ fee: { perTransaction } }).policy.warnings;
    expect(warningsOf('0.000010 SOL')).toEqual([
      'keys.trading-1.fee: no fee is counted below 0.000011202 SOL, whatever the chain takes: all are refused',
    ]);
    expect(warningsOf('0 SOL')).toEqual([]);
    expect(warningsOf('0.000011202 SOL')).toEqual([]);
    const least = compile('legacy', [pubkeyOf('trading-1')], []);
    expect(feeBound(readMessage(least), pubkeyOf('trading-1')).lamports).toBeGreaterThanOrEqual(11_202n);
  });

  it('warns of a rent below what the chain takes, since opening an account is counted with it', () => {
    const warningsOf = (tokenAccount: string): readonly string[] =>
      parsePolicy(policyBytes({ rent: { tokenAccount } })).warnings;
    expect(warningsOf('0.000203928 SOL')).toEqual([
      'rent.tokenAccount: 0.000203928 SOL is below 0.00203928 SOL, which a plain account takes unless the chain has lowered its rent',
    ]);
    expect(warningsOf('0.00203928 SOL')).toEqual([]);
  });
});

describe('what is wrong with a policy', () => {
  it('is told all at once, each with its path and line', () => {
    const lines = problems({
      keys: [
        walletText({
          programs: ['system', 'tokn'],
          limits: [{ asset: 'SOL', window: '1h', max: '2 USDC' }],
          workloads: ['spiffe://dev.chancery.local/nobody'],
        }),
        ledgerKeyText(),
      ],
    });
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^keys\[0\]\.workloads\[0\] \(line \d+\): no workload spiffe:.* is declared$/);
    expect(lines[1]).toMatch(/^keys\[0\]\.limits\[0\]\.max \(line \d+\): the unit must be SOL$/);
    expect(lines[2]).toMatch(/^keys\[0\]\.programs\[1\] \(line \d+\): no program tokn is declared$/);
    const text = policyBytes({ keys: [walletText({ programs: ['system', 'tokn'] }), ledgerKeyText()] });
    const line =
      text
        .toString()
        .split('\n')
        .findIndex((item) => item.includes('tokn')) + 1;
    expect(thrown(() => parsePolicy(text)).message).toContain(`(line ${String(line)})`);
  });

  it('is told of an unknown key with its own line, not that of the map around it', () => {
    const text = 'version: 1\nserail: 3\nkeys:\n  - id: a\n    token: main\n    rolle: wallet\n';
    const lines = thrown(() => parsePolicy(Buffer.from(text))).message.split('\n');
    expect(lines).toContain('line 2: unknown key "serail" (did you mean serial?)');
    expect(lines).toContain('keys[0] (line 6): unknown key "rolle" (did you mean role?)');
  });

  it.each([
    ['keys', { desitnations: [] }, 'did you mean destinations?'],
    [
      'limits',
      { limits: [{ asset: 'SOL', window: '1h', max: '1 SOL', perTx: '1 SOL' }] },
      'unknown key "perTx"',
    ],
    ['rate', { rate: { max: 1, windw: '1m' } }, 'did you mean window?'],
    ['hours', { hours: { zone: 'UTC', days: 'mon', from: '00:00', too: '01:00' } }, 'did you mean to?'],
  ])('an unknown key in %s names the nearest known one', (_where, changes, text) => {
    expect(keyProblems(changes as { [key: string]: Yaml }).join('\n')).toContain(text);
  });

  it.each<[string, { [key: string]: Yaml | undefined }, string]>([
    ['a key without publicKey', { publicKey: undefined }, 'keys[0].publicKey'],
    [
      'a public key that is no curve point',
      { publicKey: OFF_CURVE },
      'not the base58 of an Ed25519 public key',
    ],
    [
      'a window there is none of',
      { limits: [{ asset: 'SOL', window: '2h', max: '1 SOL' }] },
      'expected one of 10m, 1h, 24h, 7d, 30d',
    ],
    [
      'an amount without a unit',
      { limits: [{ asset: 'SOL', window: '1h', max: '1' }] },
      'expected an amount with its unit',
    ],
    [
      'an amount finer than the asset',
      { limits: [{ asset: 'SOL', window: '1h', max: '0.0000000001 SOL' }] },
      'finer than 9 decimals',
    ],
    [
      'an amount above u64',
      { limits: [{ asset: 'SOL', window: '1h', max: '18446744073.709551616 SOL' }] },
      'above the largest amount',
    ],
    [
      'a negative amount',
      { limits: [{ asset: 'SOL', window: '1h', max: '-1 SOL' }] },
      'expected an amount with its unit',
    ],
    [
      'an amount with an exponent',
      { limits: [{ asset: 'SOL', window: '1h', max: '1e9 SOL' }] },
      'expected an amount with its unit',
    ],
    [
      'an undeclared asset',
      { limits: [{ asset: 'BONK', window: '1h', max: '1 BONK' }] },
      'no asset BONK is declared',
    ],
    [
      'the same limit twice',
      {
        limits: [
          { asset: 'SOL', window: '1h', max: '1 SOL' },
          { asset: 'SOL', window: '1h', max: '9 SOL' },
        ],
      },
      'a second limit of SOL for 1h',
    ],
    [
      'a narrower limit alone',
      { limits: [{ asset: 'SOL', window: '1h', max: '1 SOL', destination: 'each' }] },
      'no limit for the whole key',
    ],
    [
      'a limit of two subjects',
      {
        limits: [
          { asset: 'SOL', window: '1h', max: '1 SOL' },
          { asset: 'SOL', window: '1h', max: '1 SOL', destination: 'each', workload: 'each' },
        ],
      },
      'write two',
    ],
    ['a destination that is no address', { destinations: ['bob'] }, 'expected a base58 address'],
    [
      'a destination of 31 bytes',
      { destinations: ['1'.repeat(31) + '2'.repeat(10)] },
      'not the base58 of 32 bytes',
    ],
    ['a destination twice', { destinations: [addressOf('bob'), addressOf('bob')] }, 'stands twice'],
    ['destinations that are a word', { destinations: 'all' }, 'expected `any` or a list of addresses'],
    [
      'a rate of two rules for one window',
      {
        rate: [
          { max: 1, window: '1m' },
          { max: 2, window: '1m' },
        ],
      },
      'a second rate for 1m',
    ],
    [
      'more limits than a decision may have to read',
      {
        limits: Array.from({ length: 257 }, (_, index) => ({
          asset: 'SOL',
          window: '1h',
          max: '1 SOL',
          ...(index === 0 ? {} : { destination: addressOf(`to ${String(index)}`) }),
        })),
      },
      'expected at most 256 limits',
    ],
    [
      'more rates than a decision may have to read',
      {
        rate: Array.from({ length: 33 }, (_, index) => ({
          max: 1,
          window: '1m',
          workload: `spiffe://dev.chancery.local/w${String(index)}`,
        })),
      },
      'expected at most 32 rates',
    ],
    ['an empty list of rates', { rate: [] }, 'expected at least one rate'],
    ['a fractional rate', { rate: { max: '1.5', window: '1m' } }, 'expected a whole number'],
    [
      'a zone there is none of',
      { hours: { zone: 'Mars/Olympus', days: 'mon', from: '01:00', to: '02:00' } },
      'not an IANA time zone',
    ],
    [
      'days there are none of',
      { hours: { zone: 'UTC', days: 'mon-', from: '01:00', to: '02:00' } },
      'not days like mon-fri',
    ],
    [
      'hours that never open',
      { hours: { zone: 'UTC', days: 'mon', from: '02:00', to: '02:00' } },
      'opens at no time',
    ],
    [
      'an hour there is none of',
      { hours: { zone: 'UTC', days: 'mon', from: '25:00', to: '02:00' } },
      'expected a time of day',
    ],
    ['a token there is none of', { token: 'spare' }, 'no token spare is declared'],
    [
      'a memo without the memo program',
      { programs: ['system'], memo: 'required' },
      'memo program is not in programs',
    ],
    ['the key as its own co-signer', { coSigners: [addressOf('trading-1')] }, 'no co-signer'],
    ['a role there is none of', { role: 'admin' }, 'expected one of wallet'],
    ['an attestation of no age', { attestation: { maxAge: '0s' } }, 'expected a duration'],
    [
      'an attestation of an age above ten years',
      { attestation: { maxAge: '3651d' } },
      'not a duration of at most ten years',
    ],
    ['a fee in another unit', { fee: { perTransaction: '1 USDC' } }, 'the unit must be SOL'],
    ['an empty rule', { fee: '' }, 'keys[0].fee'],
  ])('%s', (_what, changes, text) => {
    expect(keyProblems(changes).join('\n')).toContain(text);
  });

  it.each<[string, { [key: string]: Yaml | undefined }, string]>([
    ['no ledger key', { keys: [walletText()] }, 'exactly one key has the role ledger, here 0'],
    [
      'two keys of one id',
      { keys: [walletText(), walletText({ id: 'Trading-1', publicKey: addressOf('2') }), ledgerKeyText()] },
      'a second key Trading-1',
    ],
    [
      'two keys of one public key',
      { keys: [walletText(), walletText({ id: 'b', object: { label: 'b' } }), ledgerKeyText()] },
      'the same public key as trading-1',
    ],
    [
      'two keys of one object',
      { keys: [walletText(), walletText({ id: 'b', publicKey: addressOf('2') }), ledgerKeyText()] },
      'the same object as trading-1',
    ],
    ['another version', { version: 2 }, 'version'],
    ['a signer that is no origin', { signer: 'chancery.local/Demo/5f' }, 'not an origin'],
    ['a negative serial', { serial: -1 }, 'serial'],
    ['an unknown key at the top', { key: [] }, 'did you mean keys?'],
    [
      'an asset called fee',
      { assets: { fee: { mint: USDC_MINT, program: 'token', decimals: 6 } } },
      'fee is the name of a unit',
    ],
    [
      'an asset called sol',
      { assets: { sol: { mint: USDC_MINT, program: 'token', decimals: 6 } } },
      'sol is the name of a unit',
    ],
    [
      'an asset of 20 decimals',
      { assets: { USDC: { mint: USDC_MINT, program: 'token', decimals: 20 } } },
      'decimals from 0 to 19',
    ],
    [
      'two assets of one mint',
      {
        assets: {
          USDC: { mint: USDC_MINT, program: 'token', decimals: 6 },
          U: { mint: USDC_MINT, program: 'token', decimals: 6 },
        },
      },
      'another asset has the same mint',
    ],
    [
      'a size for accounts that have one',
      { assets: { USDC: { mint: USDC_MINT, program: 'token', decimals: 6, accountRent: '0.003 SOL' } } },
      'accounts of the Token program have one size',
    ],
    [
      'a rent that no account is so small for',
      {
        assets: {
          USDC: { mint: USDC_MINT, program: 'token-2022', decimals: 6, accountRent: '0.002074079 SOL' },
        },
      },
      'less than the rent of 170 bytes',
    ],
    [
      'wrapped SOL as an asset',
      {
        assets: {
          USDC: { mint: USDC_MINT, program: 'token', decimals: 6 },
          WSOL: { mint: toAddress(NATIVE_MINT), program: 'token', decimals: 9 },
        },
      },
      'wrapped SOL counts as SOL',
    ],
    [
      'an asset of another program',
      { assets: { USDC: { mint: USDC_MINT, program: 'system', decimals: 6 } } },
      'expected one of token, token-2022',
    ],
    ['a workload without selectors', { workloads: [{ id: AGENT, selectors: [] }] }, 'at least one selector'],
    [
      'a workload that is no SPIFFE ID',
      { workloads: [{ id: 'spiffe://Td/a', selectors: ['unix:uid:1'] }] },
      'not a SPIFFE ID',
    ],
    [
      'an unknown selector',
      { workloads: [{ id: AGENT, selectors: ['unix:pid:1'] }] },
      'not a selector: "unix:pid:1"',
    ],
    [
      'two workloads of the same facts',
      {
        workloads: [
          { id: AGENT, selectors: ['unix:uid:1'] },
          { id: `${AGENT}2`, selectors: ['unix:uid:1'] },
        ],
      },
      'the same selectors',
    ],
    [
      'the same token twice',
      {
        tokens: {
          main: { manufacturer: 'a', model: 'b', serial: 'c', label: 'd' },
          spare: { manufacturer: 'a', model: 'b', serial: 'c', label: 'd' },
        },
      },
      'the same token as main',
    ],
    ['a table that is no address', { tables: { abc: [USDC_MINT] } }, 'not the base58 of 32 bytes'],
  ])('%s', (_what, changes, text) => {
    expect(problems(changes).join('\n')).toContain(text);
  });

  it.each<[string, Yaml, string]>([
    [
      'a threshold above the authorities',
      { epoch: 1, threshold: { policy: 2 }, authorities: [{ id: 'a', ssh: sshLine('a') }] },
      'needs 2 of 1 authorities',
    ],
    [
      'more authorities than a statement has room for signatures, all of whom are needed',
      { epoch: 1, threshold: { policy: 3 }, authorities: numbered(33) },
      'needs 33 signatures (absent, so all authorities), a statement has at most 32',
    ],
    [
      'a threshold of more signatures than a statement has room for',
      { epoch: 1, threshold: { policy: 33 }, authorities: numbered(40) },
      'needs 33 signatures, a statement has at most 32',
    ],
    [
      'a threshold of none',
      { epoch: 1, threshold: { policy: 0 }, authorities: [{ id: 'a', ssh: sshLine('a') }] },
      'at least 1 signature',
    ],
    [
      'one key under two names',
      {
        epoch: 1,
        threshold: {},
        authorities: [
          { id: 'a', ssh: sshLine('a') },
          { id: 'b', ssh: sshLine('a') },
        ],
      },
      'the same key as a',
    ],
    [
      'one key under ssh and solana',
      {
        epoch: 1,
        threshold: {},
        authorities: [
          { id: 'a', ssh: sshLine('a') },
          { id: 'b', solana: addressOf('a'), preamble: ['ledger-v0'] },
        ],
      },
      'the same key as a',
    ],
    [
      'two authorities of one name',
      {
        epoch: 1,
        threshold: {},
        authorities: [
          { id: 'a', ssh: sshLine('a') },
          { id: 'A', ssh: sshLine('b') },
        ],
      },
      'a second authority A',
    ],
    ['no authority', { epoch: 1, threshold: {}, authorities: [] }, 'expected at least one authority'],
    [
      'an unknown purpose',
      { epoch: 1, threshold: { unfreze: 1 }, authorities: [{ id: 'a', ssh: sshLine('a') }] },
      'did you mean unfreeze?',
    ],
    [
      'an authority without a key',
      { epoch: 1, threshold: {}, authorities: [{ id: 'a' }] },
      'exactly one of ssh and solana',
    ],
  ])('%s', (_what, sovereign, text) => {
    expect(problems({ sovereign }).join('\n')).toContain(text);
  });

  it.each<[string, { readonly [key: string]: Yaml }, string]>([
    [
      'a memo of a denied program',
      { memo: 'required', deny: { programs: ['memo'] } },
      'memo program is denied',
    ],
    ['no signer at all', { maxSigners: 0 }, 'the key and its co-signers are 1'],
    ['fewer signers than must sign', { maxSigners: 1, coSigners: [addressOf('carol')] }, 'co-signers are 2'],
    ['no instruction', { maxInstructions: 0 }, 'does nothing'],
    ['the key denied to itself', { deny: { accounts: [addressOf('trading-1')] } }, 'must sign every'],
    [
      'a co-signer that is denied',
      { coSigners: [addressOf('carol')], deny: { accounts: [addressOf('carol')] } },
      `${addressOf('carol')} must sign every transaction and is denied`,
    ],
  ])('rules that no transaction could meet: %s', (_what, rules, text) => {
    expect(keyProblems(rules).join('\n')).toContain(text);
  });

  it('a ledger key with rules of a wallet', () => {
    const ledger = {
      ...(ledgerKeyText() as { [key: string]: Yaml }),
      limits: [],
      fee: { perTransaction: '1 SOL' },
    };
    expect(problems({ keys: [walletText(), ledger] }).join('\n')).toContain('remove limits, fee');
    const denying = { ...(ledgerKeyText() as { [key: string]: Yaml }), deny: {}, memo: 'required' };
    expect(problems({ keys: [walletText(), denying] }).join('\n')).toContain('remove deny, memo');
  });

  it('lists at most fifty problems and counts the rest', () => {
    const destinations = Array.from({ length: 60 }, () => 'x'.repeat(32) + '0');
    const lines = keyProblems({ destinations });
    expect(lines).toHaveLength(51);
    expect(lines.at(-1)).toBe('and 10 more');
  });

  it('reads what looks like a number as the text it is', () => {
    const text = policyBytes()
      .toString()
      .replace('serial: 0a1b', 'serial: 1e5')
      .replace('label: demo', 'label: 0x10');
    expect(parsePolicy(Buffer.from(text)).tokens.get('main')).toMatchObject({ serial: '1e5', label: '0x10' });
  });
});
