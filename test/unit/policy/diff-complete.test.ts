import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { sha256Hex } from '../../../src/core/sha256.js';
import { diffPolicies } from '../../../src/policy/diff-policies.js';
import { parsePolicy } from '../../../src/policy/parse-policy.js';
import type { Policy } from '../../../src/policy/policy.js';
import { policySchema } from '../../../src/policy/schema.js';
import { TestWitness } from '../../support/audit/witness.js';
import {
  addressOf,
  AGENT,
  ledgerKeyText,
  OTHER_AGENT,
  policyBytes,
  sshLine,
  USDC_MINT,
  walletText,
  type Yaml,
} from '../../support/policy-text.js';
import { publicKeyLine } from '../../support/sshsig-by-hand.js';
import { WalletAuthority } from '../../support/wallet-authority.js';

/** Every field of policy.yaml in two values: whoever signs the second in place of the first must be told. */

type Changes = { readonly [key: string]: Yaml | undefined };
type Pair = readonly [before: Changes, after: Changes];

/** Say nothing by themselves: the form, and what grows with every policy. `format` says how the pinned bytes read. */
const SILENT = ['version', 'serial', 'programs.<name>.idl.format'];

const IDL = (name: string): Buffer =>
  Buffer.from(
    JSON.stringify({
      address: addressOf('program'),
      metadata: { name, version: '1.0.0', spec: '0.1.0' },
      instructions: ['pay', 'swap'].map((instruction, index) => ({
        name: instruction,
        discriminator: [index],
        accounts: ['from', 'also', 'to', 'owner'].map((account) => ({ name: account })),
        args: ['amount', 'other', 'flag'].map((argument) => ({ name: argument, type: 'u64' })),
      })),
    }),
  );
const UNBOUND = JSON.parse(IDL('two').toString()) as { address?: string };
delete UNBOUND.address;
const IDLS = [IDL('one'), IDL('two'), Buffer.from(JSON.stringify(UNBOUND))] as const;
const [ONE, TWO, ANY] = IDLS.map((idl) => sha256Hex(idl)) as [string, string, string];

const parse = (changes: Changes): Policy =>
  parsePolicy(policyBytes(changes), {
    blob: (sha256) => IDLS.find((idl) => sha256Hex(idl) === sha256) ?? null,
  });

const SOL = { asset: 'SOL', window: '1h', max: '2 SOL' };
const PAY = { name: 'pay', own: ['from', 'also'], key: ['owner'], spends: [spend({})] };

function spend(changes: Changes): Yaml {
  return { source: 'from', amount: { argument: 'amount' }, ...changes };
}
function program(instruction: Changes, changes: Changes = {}): Changes {
  const idl = { format: 'anchor', sha256: ONE };
  return {
    programs: {
      exchange: { id: addressOf('program'), idl, instructions: [{ ...PAY, ...instruction }], ...changes },
    },
  };
}
const pay = (before: Changes, after: Changes): Pair => [program(before), program(after)];
const spends = (before: Changes, after: Changes): Pair =>
  pay({ spends: [spend(before)] }, { spends: [spend(after)] });
const bounds = (before: Changes, after: Changes): Pair => {
  const bound = { argument: 'amount', least: 1 };
  return pay({ bounds: [{ ...bound, ...before }] }, { bounds: [{ ...bound, ...after }] });
};
const ratio = (changes: Changes): Changes => ({
  ratio: { of: 'other', numerator: 1, denominator: 2, ...changes },
});

function sovereign(changes: Changes): Changes {
  const threshold = { attestation: 1, approval: 1, policy: 1, unfreeze: 1, key: 1, watermark: 1 };
  const authorities = ['alice', 'bob'].map((id) => ({ id, ssh: sshLine(id) }));
  return { sovereign: { epoch: 1, threshold, authorities, ...changes } };
}
const authority = (before: Changes, after: Changes): Pair => [
  sovereign({ authorities: [before] }),
  sovereign({ authorities: [after] }),
];
const fidoLine = (application: string): string =>
  publicKeyLine(WalletAuthority.fromSeed('alice', Buffer.alloc(32, 1)), application);
const fido = { id: 'alice', ssh: fidoLine('ssh:') };
const wallet = { id: 'alice', solana: addressOf('alice'), preamble: ['ledger-v0'] };
const threshold = (purpose: string): Pair => {
  const all = { attestation: 1, approval: 1, policy: 1, unfreeze: 1, key: 1, watermark: 1 };
  const with_ = (count: number): Changes =>
    sovereign({ threshold: { ...all, 'accept-rollback': 1, [purpose]: count } });
  return [with_(1), with_(2)];
};

const MAIN = { manufacturer: 'SoftHSM project', model: 'SoftHSM v2', serial: '0a1b', label: 'demo' };
const token = (field: string): Pair => [{}, { tokens: { main: { ...MAIN, [field]: 'another' } } }];
const anchor = (before: Changes, after: Changes): Pair => [
  { anchors: [{ kind: 'file', path: '/mnt/a', ...before }] },
  { anchors: [{ kind: 'file', path: '/mnt/a', ...after }] },
];
const witnesses = (name: string): Changes => ({
  anchors: [
    { kind: 'witness', witnesses: `${new TestWitness(name).policyLine}\nquorum ${name}\n`, lag: '1h' },
  ],
});
const usdc = { mint: USDC_MINT, program: 'token', decimals: 6 };
const asset = (changes: Changes): Pair => [{}, { assets: { USDC: { ...usdc, ...changes } } }];
const workload = (changes: Changes): Pair => {
  const [agent, other] = [
    { id: AGENT, selectors: ['unix:uid:1001'] },
    { id: OTHER_AGENT, selectors: ['unix:uid:1002'] },
  ];
  return [{ workloads: [agent, other] }, { workloads: [agent, other, { ...other, ...changes }] }];
};

const ABOVE: Readonly<Record<string, Pair>> = {
  signer: [{}, { signer: 'chancery.local/other/5f0c9a3b1d2e4f60' }],
  'sovereign.epoch': [{}, sovereign({ epoch: 2 })],
  ...Object.fromEntries(
    ['attestation', 'approval', 'policy', 'unfreeze', 'key', 'accept-rollback', 'watermark'].map(
      (purpose) => [`sovereign.threshold.${purpose}`, threshold(purpose)],
    ),
  ),
  'sovereign.authorities[].id': authority(fido, { ...fido, id: 'bob' }),
  'sovereign.authorities[].ssh': authority(fido, { ...fido, ssh: fidoLine('ssh:other') }),
  'sovereign.authorities[].solana': authority(wallet, { ...wallet, solana: addressOf('bob') }),
  'sovereign.authorities[].preamble[]': authority(wallet, { ...wallet, preamble: ['kit-v1'] }),
  'sovereign.authorities[].require[]': authority(fido, { ...fido, require: [] }),
  ...Object.fromEntries(Object.keys(MAIN).map((field) => [`tokens.<name>.${field}`, token(field)])),
  'anchors[].kind': [anchor({}, {})[0], { anchors: [{ kind: 'token', token: 'main' }] }],
  'anchors[].path': anchor({}, { path: '/mnt/b' }),
  'anchors[].token': [
    { tokens: { main: MAIN, two: { ...MAIN, serial: '2' } }, anchors: [{ kind: 'token', token: 'main' }] },
    { tokens: { main: MAIN, two: { ...MAIN, serial: '2' } }, anchors: [{ kind: 'token', token: 'two' }] },
  ],
  'anchors[].witnesses': [witnesses('w1'), witnesses('w2')],
  'anchors[].lag': anchor({}, { lag: '2h' }),
  'assets.<name>.mint': asset({ mint: addressOf('mint') }),
  'assets.<name>.program': asset({ program: 'token-2022' }),
  'assets.<name>.decimals': asset({ decimals: 7 }),
  'assets.<name>.accountRent': [
    { assets: { USDC: usdc, MORE: { ...usdc, program: 'token-2022' } } },
    { assets: { USDC: usdc, MORE: { ...usdc, program: 'token-2022', accountRent: '0.0021 SOL' } } },
  ],
  'rent.tokenAccount': [{}, { rent: { tokenAccount: '0.001 SOL' } }],
  'tables.<name>[]': [
    { tables: { [addressOf('table')]: [USDC_MINT] } },
    { tables: { [addressOf('table')]: [addressOf('bob')] } },
  ],
  'programs.<name>.id': [
    program({}, { idl: { format: 'anchor', sha256: ANY } }),
    program({}, { idl: { format: 'anchor', sha256: ANY }, id: addressOf('another') }),
  ],
  'programs.<name>.idl.sha256': [program({}), program({}, { idl: { format: 'anchor', sha256: TWO } })],
  'programs.<name>.instructions[].name': pay({}, { name: 'swap' }),
  'programs.<name>.instructions[].key[]': pay({}, { key: [] }),
  'programs.<name>.instructions[].own[]': pay({}, { own: ['from'] }),
  'programs.<name>.instructions[].destinations[]': pay({}, { destinations: ['to'] }),
  'programs.<name>.instructions[].fixed.<name>': pay(
    { fixed: { to: addressOf('bob') } },
    { fixed: { to: addressOf('carol') } },
  ),
  'programs.<name>.instructions[].remaining': pay({}, { remaining: 3 }),
  'programs.<name>.instructions[].spends[].source': spends({}, { source: 'also' }),
  'programs.<name>.instructions[].spends[].amount.argument': spends({}, { amount: { argument: 'other' } }),
  'programs.<name>.instructions[].spends[].amount.constant': spends(
    { amount: { constant: 1 } },
    { amount: { constant: 0 } },
  ),
  'programs.<name>.instructions[].spends[].when.argument': spends(
    { when: { argument: 'flag', equals: 1 } },
    { when: { argument: 'other', equals: 1 } },
  ),
  'programs.<name>.instructions[].spends[].when.equals': spends(
    { when: { argument: 'flag', equals: 1 } },
    { when: { argument: 'flag', equals: 2 } },
  ),
  'programs.<name>.instructions[].bounds[].argument': bounds({}, { argument: 'other' }),
  'programs.<name>.instructions[].bounds[].least': bounds({}, { least: 2 }),
  'programs.<name>.instructions[].bounds[].most': bounds({ most: 9 }, { most: 10 }),
  'programs.<name>.instructions[].bounds[].ratio.of': bounds(ratio({}), ratio({ of: 'flag' })),
  'programs.<name>.instructions[].bounds[].ratio.numerator': bounds(ratio({}), ratio({ numerator: 2 })),
  'programs.<name>.instructions[].bounds[].ratio.denominator': bounds(ratio({}), ratio({ denominator: 3 })),
  'workloads[].id': workload({ id: AGENT, selectors: ['unix:uid:1003'] }),
  'workloads[].selectors[]': workload({ selectors: ['unix:uid:1003'] }),
};

const limits = (changes: Changes): Changes => ({ limits: [SOL, { ...SOL, window: '24h', ...changes }] });
const hours = (changes: Changes): Changes => ({
  hours: { zone: 'UTC', days: 'mon', from: '09:30', to: '16:00', ...changes },
});
const object = (changes: Changes): Changes => ({ object: { label: 'trading-1', ...changes } });
const attested = (changes: Changes): Changes => ({ attestation: { maxAge: '10m', ...changes } });
const carol = [addressOf('carol')];

/** Of one wallet key. */
const KEY: Readonly<Record<string, Pair>> = {
  id: [{}, { id: 'trading-2' }],
  token: [{}, { token: 'second' }],
  'object.label': [{}, object({ label: 'another' })],
  'object.id': [{}, object({ id: '01' })],
  'object.waivers[]': [{}, object({ waivers: ['imported'] })],
  publicKey: [{}, { publicKey: addressOf('new') }],
  role: [{}, { role: 'vote-authority' }],
  'workloads[]': [{}, { workloads: [OTHER_AGENT] }],
  'attestation.maxAge': [attested({}), attested({ maxAge: '30d' })],
  'attestation.challenge': [attested({}), attested({ challenge: 'required' })],
  'attestation.possession': [attested({}), attested({ possession: 'required' })],
  'limits[].asset': [limits({}), { limits: [SOL, { asset: 'USDC', window: '24h', max: '2 USDC' }] }],
  'limits[].perTransaction': [limits({}), limits({ perTransaction: '1 SOL' })],
  'limits[].window': [limits({}), limits({ window: '7d' })],
  'limits[].max': [limits({}), limits({ max: '3 SOL' })],
  'limits[].destination': [limits({ destination: addressOf('bob') }), limits({ destination: 'each' })],
  'limits[].workload': [limits({ workload: AGENT }), limits({ workload: 'each' })],
  'fee.perTransaction': [{}, { fee: { perTransaction: '0.002 SOL' } }],
  'programs[]': [{}, { programs: ['system', 'stake'] }],
  'destinations[]': [{}, { destinations: carol }],
  destinations: [{}, { destinations: 'any' }],
  'stake[]': [{ programs: ['stake'] }, { programs: ['stake'], stake: ['Split'] }],
  ownAccounts: [{}, { ownAccounts: 'trusted' }],
  'rate.max': [{}, { rate: { max: 601, window: '1m' } }],
  'rate.window': [{}, { rate: { max: 600, window: '10m' } }],
  'rate.workload': [{}, { rate: { max: 600, window: '1m', workload: AGENT } }],
  'hours.zone': [hours({}), hours({ zone: 'America/New_York' })],
  'hours.days': [hours({}), hours({ days: 'tue' })],
  'hours.from': [hours({}), hours({ from: '09:00' })],
  'hours.to': [hours({}), hours({ to: '16:01' })],
  'deny.accounts[]': [{ deny: { accounts: carol } }, { deny: { accounts: [addressOf('dave')] } }],
  'deny.programs[]': [{ deny: { programs: ['stake'] } }, { deny: { programs: ['ed25519'] } }],
  maxInstructions: [{ maxInstructions: 2 }, { maxInstructions: 3 }],
  maxSigners: [{ maxSigners: 2 }, { maxSigners: 3 }],
  'coSigners[]': [{ coSigners: carol }, { coSigners: [addressOf('dave')] }],
  memo: [{}, { memo: 'required' }],
  'memo.startsWith': [{ memo: { startsWith: 'a' } }, { memo: { startsWith: 'b' } }],
};

const TOKENS = { tokens: { main: MAIN, second: { ...MAIN, serial: '2' } } };
const withKey = (changes: Changes): Policy =>
  parse({ ...TOKENS, keys: [walletText(changes), ledgerKeyText()] });

const WITHOUT = parse({ ...TOKENS, keys: [ledgerKeyText()] });

type Schema = z.core.JSONSchema.BaseSchema;

/** Every place of the schema at which a value stands. */
function leaves(schema: Schema, path: string): string[] {
  const below = (part: unknown, at: string): string[] => leaves(part as Schema, at);
  if (schema.anyOf !== undefined) return schema.anyOf.flatMap((each) => below(each, path));
  if (schema.properties !== undefined) {
    return Object.entries(schema.properties).flatMap(([field, each]) =>
      below(each, path === '' ? field : `${path}.${field}`),
    );
  }
  if (schema.items !== undefined) return below(schema.items, `${path}[]`);
  if (typeof schema.additionalProperties === 'object')
    return below(schema.additionalProperties, `${path}.<name>`);
  return [path];
}

/** A rate, a limit's destination and others may be written in two ways that mean one thing. */
function places(): ReadonlySet<string> {
  const root = z.toJSONSchema(policySchema, { io: 'input', reused: 'inline' });
  return new Set(leaves(root, '').map((path) => path.replace('.rate[].', '.rate.')));
}

describe('what a Sovereign is told', () => {
  it('is looked at for every field of the schema', () => {
    const shown = [...Object.keys(ABOVE), ...Object.keys(KEY).map((field) => `keys[].${field}`), ...SILENT];
    expect([...places()].sort()).toEqual(shown.sort());
  });

  it.each(Object.entries(ABOVE))('%s', (_field, pair) => {
    const [before, after] = [parse(pair[0]), parse(pair[1])];
    expect(diffPolicies(before, after)).not.toEqual([]);
    expect(diffPolicies(after, before)).not.toEqual([]);
  });

  it.each(Object.entries(KEY))('keys[].%s', (_field, pair) => {
    const [before, after] = [withKey(pair[0]), withKey(pair[1])];
    expect(diffPolicies(before, after)).not.toEqual([]);
    expect(diffPolicies(after, before)).not.toEqual([]);
    // Nor must it go unsaid of a key that is new.
    expect(diffPolicies(WITHOUT, before)).not.toEqual(diffPolicies(WITHOUT, after));
  });
});
