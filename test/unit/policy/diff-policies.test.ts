import { describe, expect, it } from 'vitest';
import { originOf } from '../../../src/core/origin.js';
import { pubkeyBytes } from '../../../src/core/pubkey.js';
import { diffPolicies } from '../../../src/policy/diff-policies.js';
import { parsePolicy } from '../../../src/policy/parse-policy.js';
import {
  addressOf,
  AGENT,
  ledgerKeyText,
  OTHER_AGENT,
  policyBytes,
  pubkeyOf,
  sshLine,
  USDC_MINT,
  walletText,
  type Yaml,
} from '../../support/policy-text.js';

type Changes = { readonly [key: string]: Yaml | undefined };

const diff = (before: Changes, after: Changes): string[] =>
  diffPolicies(parsePolicy(policyBytes(before)), parsePolicy(policyBytes(after)));
const keys = (changes: Changes): Changes => ({ keys: [walletText(changes), ledgerKeyText()] });
const keyDiff = (before: Changes, after: Changes): string[] => diff(keys(before), keys(after));

describe('diffPolicies', () => {
  it.each([
    ['', {}],
    [
      ', and signing stops when the anchors have not followed',
      { anchors: [{ kind: 'file', path: '/mnt/anchor/head' }] },
    ],
  ])('says that another ledger key ends the checkpoints%s', (stops, more) => {
    const signer = originOf('demo', pubkeyBytes(pubkeyOf('ledger')));
    const other = { ...(ledgerKeyText() as object), publicKey: addressOf('new') };
    const before = { ...more, signer };
    expect(diff(before, before)).toEqual([]);
    expect(diff(before, { ...before, keys: [walletText(), other] })).toEqual([
      `widens: no checkpoint is signed any more${stops}: the ledger key is not that of the genesis`,
      `widens: key ledger: is another key, ${addressOf('new')} for ${addressOf('ledger')}`,
    ]);
  });

  it('says nothing when nothing but the serial changes', () => {
    expect(diff({}, { serial: 2 })).toEqual([]);
  });

  it.each<[string, Changes, Changes, string[]]>([
    [
      'a higher limit',
      {},
      {
        limits: [
          { asset: 'SOL', perTransaction: '0.5 SOL', window: '1h', max: '3 SOL' },
          { asset: 'USDC', window: '24h', max: '10000 USDC' },
        ],
      },
      ['widens: key trading-1: the limit of SOL in 1h goes from 2 SOL to 3 SOL'],
    ],
    [
      'a bound per transaction that is gone',
      {},
      {
        limits: [
          { asset: 'SOL', window: '1h', max: '2 SOL' },
          { asset: 'USDC', window: '24h', max: '10000 USDC' },
        ],
      },
      ['widens: key trading-1: the most of SOL in 1h a transaction may take, 0.5 SOL, is gone'],
    ],
    [
      'an asset that may no longer be spent',
      {},
      { limits: [{ asset: 'SOL', perTransaction: '0.5 SOL', window: '1h', max: '2 SOL' }] },
      ['narrows: key trading-1: USDC may no longer be spent'],
    ],
    [
      'one window in place of another',
      { limits: [{ asset: 'SOL', window: '1h', max: '2 SOL' }] },
      { limits: [{ asset: 'SOL', window: '24h', max: '2 SOL' }] },
      [
        'narrows: key trading-1: a limit of 2 SOL: SOL in 24h',
        'widens: key trading-1: the limit of SOL in 1h is gone',
      ],
    ],
    [
      'destinations added and removed, as they are listed',
      {},
      { destinations: [addressOf('carol')] },
      [
        `widens: key trading-1: destination ${addressOf('carol')} is added`,
        `narrows: key trading-1: destination ${addressOf('bob')} is removed`,
      ],
    ],
    ['any destination', {}, { destinations: 'any' }, ['widens: key trading-1: anybody may receive']],
    [
      'a fee',
      { fee: undefined },
      {},
      ['widens: key trading-1: the fee of a transaction goes from 0 SOL to 0.001 SOL'],
    ],
    [
      'a lower rate',
      {},
      { rate: { max: 50, window: '1m' } },
      ['narrows: key trading-1: the rate of transactions in 1m goes from 600 to 50'],
    ],
    [
      'a rate of another window',
      { rate: { max: 50, window: '1m' } },
      { rate: { max: 50, window: '1h' } },
      [
        'widens: key trading-1: the rate of transactions in 1m, 50, is gone',
        'narrows: key trading-1: the rate of transactions in 1h is now 50',
      ],
    ],
    [
      'trust in own accounts',
      {},
      { ownAccounts: 'trusted' },
      ['widens: key trading-1: ownAccounts goes from counted to trusted'],
    ],
    [
      'stricter attestations',
      {},
      { attestation: { maxAge: '10m', challenge: 'required' } },
      [
        'narrows: key trading-1: the oldest an attestation may be goes from 1h to 10m',
        'narrows: key trading-1: the challenge goes from optional to required',
      ],
    ],
    [
      'hours that are gone',
      { hours: { zone: 'UTC', days: 'mon-fri', from: '09:30', to: '16:00' } },
      {},
      ['widens: key trading-1: open at any hour, before mon,tue,wed,thu,fri 09:30 to 16:00 UTC'],
    ],
    ...(
      [
        ['fewer hours', '10:00', '16:00', 'narrows'],
        ['hours that are moved', '10:00', '16:30', 'widens'],
      ] as const
    ).map(([what, from, to, word]): [string, Changes, Changes, string[]] => [
      what,
      { hours: { zone: 'UTC', days: 'mon', from: '09:30', to: '16:00' } },
      { hours: { zone: 'UTC', days: 'mon', from, to } },
      [`${word}: key trading-1: open mon ${from} to ${to} UTC, before mon 09:30 to 16:00 UTC`],
    ]),
    [
      'a memo that need not begin so',
      { memo: { startsWith: 'desk-7/' } },
      { memo: 'required' },
      ['widens: key trading-1: a memo is required, before one that begins with "desk-7/"'],
    ],
    [
      'a memo that must begin so',
      { memo: { startsWith: 'desk' } },
      { memo: { startsWith: 'desk-7/' } },
      ['narrows: key trading-1: a memo that begins with "desk-7/" is required'],
    ],
    [
      'conditions',
      {},
      {
        deny: { programs: ['stake'] },
        maxInstructions: 4,
        coSigners: [addressOf('carol')],
        memo: 'required',
      },
      [
        'narrows: key trading-1: denied program stake is added',
        'narrows: key trading-1: the number of instructions is now 4',
        `narrows: key trading-1: co-signer ${addressOf('carol')} is added`,
        'narrows: key trading-1: a memo is required',
      ],
    ],
    [
      'another public key under the same id',
      {},
      { publicKey: addressOf('new') },
      [
        `widens: key trading-1: is another key, ${addressOf('new')} for ${addressOf('trading-1')}; its windows begin empty`,
      ],
    ],
  ])('%s', (_what, before, after, lines) => {
    expect(keyDiff(before, after)).toEqual(lines);
  });

  it('takes absent stake instructions for the plain ones, and for none without the program', () => {
    const stake = { programs: ['system', 'stake'] };
    expect(keyDiff({ ...stake, stake: ['Withdraw'] }, stake)).toEqual(
      ['Initialize', 'InitializeChecked', 'DelegateStake', 'Deactivate'].map(
        (name) => `widens: key trading-1: stake instruction ${name} is added`,
      ),
    );
    expect(keyDiff(stake, { ...stake, stake: ['Withdraw', 'Split'] })[0]).toBe(
      'widens: key trading-1: stake instruction Split is added',
    );
    expect(keyDiff({ programs: ['system'] }, { ...stake, stake: ['Withdraw'] })).toEqual([
      'widens: key trading-1: program stake is added',
      'widens: key trading-1: stake instruction Withdraw is added',
    ]);
  });

  it('tells a new key by all it may do, and a key that is gone', () => {
    const id = { id: 'trading-2', publicKey: addressOf('2'), object: { label: '2' } };
    const second = walletText({ ...id, ownAccounts: 'trusted' });
    const more = { keys: [walletText(), second, ledgerKeyText()] };
    const lines = diff({}, more);
    expect(lines[0]).toBe(`widens: a new key trading-2, ${addressOf('2')}, role wallet, at main/2`);
    expect(lines).toContain('widens: key trading-2: the oldest an attestation may be goes from 0s to 1h');
    expect(lines).toContain('widens: key trading-2: possession goes from required to optional');
    expect(lines).toContain('widens: key trading-2: the rate of transactions in 1m goes from 0 to 600');
    expect(lines).toContain('widens: key trading-2: open at any hour');
    expect(lines).toContain('widens: key trading-2: SOL may be spent');
    expect(lines).toContain('widens: key trading-2: ownAccounts goes from counted to trusted');
    expect(lines).toContain('widens: key trading-2: a limit of 2 SOL: SOL in 1h');
    expect(lines).toContain(`widens: key trading-2: destination ${addressOf('bob')} is added`);
    expect(lines.every((line) => line.startsWith('widens: '))).toBe(true);
    expect(diff(more, {})).toEqual(['narrows: key trading-2 is gone']);
  });

  it('tells what changes above the keys', () => {
    const sovereign = {
      epoch: 2,
      threshold: {
        attestation: 1,
        approval: 1,
        policy: 1,
        unfreeze: 1,
        key: 1,
        watermark: 1,
        'accept-rollback': 1,
      },
      authorities: [
        { id: 'alice', ssh: sshLine('alice') },
        { id: 'bob', ssh: sshLine('bob') },
      ],
    };
    expect(diff({}, { sovereign })).toEqual([
      'narrows: the epoch is 2: attestations of epoch 1 no longer hold',
      `widens: authority bob (ssh-ed25519 ${addressOf('bob')}) is added`,
    ]);
    expect(
      diff({ sovereign }, { sovereign: { ...sovereign, authorities: sovereign.authorities.slice(0, 1) } }),
    ).toEqual([
      `narrows: authority bob (ssh-ed25519 ${addressOf('bob')}) is removed`,
      'changes: what bob has attested holds until it ends: a higher epoch voids it',
    ]);
    const replaced = [sovereign.authorities[0]!, { id: 'bob', ssh: sshLine('carol') }];
    expect(diff({ sovereign }, { sovereign: { ...sovereign, authorities: replaced } })).toEqual([
      `widens: authority bob (ssh-ed25519 ${addressOf('carol')}) is added`,
      `narrows: authority bob (ssh-ed25519 ${addressOf('bob')}) is removed`,
      'changes: what bob with the key before has attested holds until it ends: a higher epoch voids it',
    ]);
    expect(
      diff({}, { assets: { USDC: { mint: addressOf('mint'), program: 'token', decimals: 6 } } })[0],
    ).toContain(`widens: asset USDC now means mint ${addressOf('mint')}`);
    expect(diff({}, { rent: { tokenAccount: '0.001 SOL' } })).toEqual([
      'widens: the rent of one token account goes from 0.00203928 SOL to 0.001 SOL',
      'widens: the rent of one USDC account goes from 0.00203928 SOL to 0.001 SOL',
    ]);
    // What is counted without a figure is more than a plain account takes.
    const mint = { mint: addressOf('mint'), program: 'token-2022', decimals: 6 };
    expect(
      diff({ assets: { USDC: mint } }, { assets: { USDC: { ...mint, accountRent: '0.0021 SOL' } } }),
    ).toEqual(['widens: the rent of one USDC account goes from 0.00228288 SOL to 0.0021 SOL']);
    const table = { tables: { [addressOf('table')]: [USDC_MINT] } };
    expect(diff({}, table)).toEqual([`widens: lookup table ${addressOf('table')} is declared: ${USDC_MINT}`]);
    // Place by place: nobody finds the one that was slipped into two lists of 256.
    const name = `lookup table ${addressOf('table')}`;
    const [bob, carol] = [addressOf('bob'), addressOf('carol')];
    const holding = (...accounts: string[]) => ({ tables: { [addressOf('table')]: accounts } });
    expect(diff(holding(USDC_MINT, bob), holding(USDC_MINT, carol, bob))).toEqual([
      `widens: ${name} at 1 is ${carol}, before ${bob}`,
      `widens: ${name} at 2 is ${bob}`,
    ]);
    expect(diff(holding(USDC_MINT, bob), table)).toEqual([`narrows: ${name} at 1 is not pinned any more`]);
    expect(diff(table, {})).toEqual([`narrows: ${name} is gone`]);
    expect(diff({ sovereign }, {})[0]).toBe(
      'widens: the epoch is 1: attestations of epoch 2 no longer hold, those of epoch 1 that were voided hold again',
    );
    const workloads = [
      { id: AGENT, selectors: ['unix:uid:1001'] },
      { id: OTHER_AGENT, selectors: ['unix:uid:1002'] },
    ];
    expect(diff({}, { workloads })).toEqual([
      `widens: workload registration ${AGENT} (unix:uid:1001) is added`,
      `narrows: workload registration ${AGENT} (unix:uid:1001 unix:path:/opt/trader/bin/trader) is removed`,
    ]);
  });

  it('never calls it a narrowing that a registration goes whose callers another fits too', () => {
    const agent = { id: AGENT, selectors: ['unix:uid:1001'] };
    const both = { id: OTHER_AGENT, selectors: ['unix:uid:1001', 'unix:gid:7'] };
    const apart = { id: OTHER_AGENT, selectors: ['unix:uid:1002', 'unix:gid:7'] };
    expect(diff({ workloads: [agent, both] }, { workloads: [agent] })).toEqual([
      `widens: workload registration ${OTHER_AGENT} (unix:uid:1001 unix:gid:7) is removed: ` +
        `a caller that it fitted was refused where it also fits ${AGENT} (unix:uid:1001)`,
    ]);
    expect(diff({ workloads: [agent, apart] }, { workloads: [agent] })).toEqual([
      `narrows: workload registration ${OTHER_AGENT} (unix:uid:1002 unix:gid:7) is removed`,
    ]);
    // What one process is in several times over does not keep two apart.
    const groups = [8, 9].map((group) => ({
      id: group === 8 ? AGENT : OTHER_AGENT,
      selectors: [`unix:supplementary_gid:${String(group)}`],
    }));
    expect(diff({ workloads: groups }, { workloads: groups.slice(0, 1) })[0]).toMatch(/^widens: /);
    // Two registrations of one id are never ambiguous.
    const second = { ...both, id: AGENT };
    expect(diff({ workloads: [agent, second] }, { workloads: [agent] })[0]).toMatch(/^narrows: /);
  });

  it('never calls it a narrowing that an asset goes whose accounts a limit of a destination counted', () => {
    const sol = { asset: 'SOL', window: '1h', max: '2 SOL' };
    const to = (destination: string): Changes =>
      keys({ limits: [sol, { ...sol, max: '1 SOL', destination }], destinations: 'any' });
    const without = (changes: Changes): string[] => diff(changes, { ...changes, assets: undefined });
    expect(without(to(addressOf('bob')))).toEqual([
      "widens: asset USDC is gone: a destination's limit no longer counts what its token accounts receive",
    ]);
    expect(without(to('each'))).toEqual(['narrows: asset USDC is gone']);
    // Under another name it is still declared, and its accounts are known.
    const usdc = { mint: USDC_MINT, program: 'token', decimals: 6 };
    expect(diff(to(addressOf('bob')), { ...to(addressOf('bob')), assets: { DOLLAR: usdc } })).toEqual([
      `widens: asset DOLLAR is declared: mint ${USDC_MINT} of TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA, 6 decimals`,
      'narrows: asset USDC is gone',
    ]);
  });
});
