import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAddress, toAddress, type Pubkey } from '../../../src/core/pubkey.js';
import { sha256Hex } from '../../../src/core/sha256.js';
import { decide } from '../../../src/policy/decide.js';
import { diffPolicies } from '../../../src/policy/diff-policies.js';
import { parsePolicy } from '../../../src/policy/parse-policy.js';
import type { Policy } from '../../../src/policy/policy.js';
import { deriveAssociatedTokenAccount } from '../../../src/solana/derive.js';
import { PROGRAM_IDS } from '../../../src/solana/program-names.js';
import { questionOf } from '../../support/policy-question.js';
import { attestation, NOON } from '../../support/policy-state.js';
import { SubjectState } from '../../support/policy-subjects.js';
import {
  addressOf,
  AGENT,
  ledgerKeyText,
  OTHER_AGENT,
  policyBytes,
  policyObject,
  pubkeyOf,
  USDC_MINT,
  walletText,
  type Yaml,
} from '../../support/policy-text.js';
import {
  compile,
  computeUnitLimit,
  computeUnitPrice,
  encodeMessage,
  memo,
  systemTransfer,
  u32,
  u64,
  type TestInstruction,
} from '../../support/solana-build.js';
import { ANCHOR_IDL, DECLARED } from '../../support/solana-declared.js';

const [K, BOB, CAROL, PY] = ['trading-1', 'bob', 'carol', 'py'].map(pubkeyOf) as [
  Pubkey,
  Pubkey,
  Pubkey,
  Pubkey,
];
const USDC = parseAddress(USDC_MINT)!;
const TABLE = addressOf('table');
const { token, system, stake, 'token-2022': token2022, 'associated-token': associated } = PROGRAM_IDS;
const IDL = Buffer.from(JSON.stringify(ANCHOR_IDL));
const ata = deriveAssociatedTokenAccount;

/** What each field may say; of a draft most fields say the first, with which nearly everything is allowed. */
const ABOVE = {
  assets: [
    { USDC: asset(USDC), PY: asset(PY, 'token-2022') },
    { USDC: asset(USDC) },
    { PY: asset(PY, 'token-2022') },
  ],
  rent: [undefined, { tokenAccount: '0.001 SOL' }, { tokenAccount: '0.01 SOL' }],
  tables: [
    undefined,
    { [TABLE]: [addressOf('bob')] },
    { [TABLE]: [addressOf('carol'), toAddress(ata(K, token, USDC))] },
  ],
  programs: [exchange(['owner'], ['from']), exchange(['owner'], []), exchange([], ['from']), undefined],
  sovereign: [1, 2].map((epoch) => ({ ...(policyObject()['sovereign'] as object), epoch })),
} satisfies { readonly [field: string]: readonly (Yaml | undefined)[] };
const KNOWN = ['system', 'token', 'token-2022', 'associated-token', 'compute-budget', 'memo', 'stake'];
const SOL = { asset: 'SOL', window: '24h', max: '9 SOL' };
const OF_KEY = {
  limits: [
    [SOL],
    [{ ...SOL, perTransaction: '0.3 SOL' }],
    [{ ...SOL, window: '1h', max: '1.5 SOL' }],
    [SOL, { ...SOL, max: '0.5 SOL', destination: addressOf('bob') }],
    [SOL, { ...SOL, max: '0.5 SOL', destination: 'each' }],
    [SOL, { ...SOL, max: '0.5 SOL', workload: AGENT }],
    [],
  ],
  fee: [{ perTransaction: '0.01 SOL' }, { perTransaction: '0.001 SOL' }, undefined],
  programs: [[...KNOWN, 'exchange'], [...KNOWN, 'exchange'].slice(1), KNOWN],
  destinations: ['any', [addressOf('bob')], [addressOf('bob'), addressOf('carol')], []],
  ownAccounts: ['counted', 'trusted'],
  rate: [
    undefined,
    { max: 3, window: '1m' },
    { max: 900, window: '1h' },
    { max: 0, window: '1h', workload: 'each' },
  ],
  hours: [
    undefined,
    { zone: 'UTC', days: 'mon', from: '09:00', to: '16:00' },
    { zone: 'UTC', days: 'mon', from: '13:00', to: '16:00' },
    { zone: 'America/New_York', days: 'mon', from: '09:00', to: '16:00' },
  ],
  deny: [
    undefined,
    { accounts: [addressOf('carol')] },
    { accounts: [toAddress(PY)] },
    { programs: ['stake'] },
  ],
  maxInstructions: [undefined, 1, 2],
  maxSigners: [undefined, 1],
  memo: [undefined, 'required', { startsWith: 'desk-7/' }],
  attestation: [undefined, { maxAge: '30s' }, { challenge: 'required' }, { possession: 'required' }],
  stake: [undefined, ['Withdraw'], ['Split']],
  workloads: [[AGENT], [OTHER_AGENT]],
} satisfies { readonly [field: string]: readonly (Yaml | undefined)[] };

function asset(mint: Pubkey, program = 'token'): Yaml {
  return { mint: toAddress(mint), program, decimals: 6 };
}

function exchange(key: readonly string[], own: readonly string[]): Yaml {
  const pay = { name: 'pay', key, own, bounds: [{ argument: 'amount', most: 9 }] };
  return {
    exchange: {
      id: toAddress(DECLARED),
      idl: { format: 'anchor', sha256: sha256Hex(IDL) },
      instructions: [pay],
    },
  };
}

type Draft = { readonly [field: string]: Yaml | undefined };
type Fields = { readonly [field: string]: readonly (Yaml | undefined)[] };
const draft = (lists: Fields, others: number): fc.Arbitrary<Draft> =>
  fc.record(
    Object.fromEntries(
      Object.entries(lists).map(([field, values]) => {
        const [first, ...rest] = values;
        return [
          field,
          fc.oneof(
            { weight: 9, arbitrary: fc.constant(first) },
            { weight: others, arbitrary: fc.constantFrom(first, ...rest) },
          ),
        ];
      }),
    ),
  );

/** Null for what is no policy: a field that names what another does not declare. */
function policyOf(above: Draft, key: Draft): Policy | null {
  const given = Object.fromEntries(Object.entries(above).filter(([, value]) => value !== undefined));
  const bytes = policyBytes({ assets: undefined, ...given, keys: [walletText(key), ledgerKeyText()] });
  try {
    return parsePolicy(bytes, { blob: () => IDL });
  } catch {
    return null;
  }
}

const tokens = [
  [token, USDC],
  [token2022, PY],
] as const;
const withdraw: TestInstruction = {
  program: stake,
  accounts: [pubkeyOf('stake'), BOB, BOB, BOB, K],
  data: Buffer.concat([u32(4), u64(9n)]),
};
const split: TestInstruction = {
  program: stake,
  accounts: [pubkeyOf('stake'), pubkeyOf('split'), K],
  data: Buffer.concat([u32(3), u64(9n)]),
};
/** From an account of the key to the one derived for it. */
const tidies: TestInstruction = {
  program: token,
  accounts: [pubkeyOf('auxiliary'), USDC, ata(K, token, USDC), K],
  data: Buffer.concat([Buffer.of(12), u64(9n), Buffer.of(6)]),
};
const opens = (wallet: Pubkey, program: Pubkey, mint: Pubkey): TestInstruction => ({
  program: associated,
  accounts: [K, ata(wallet, program, mint), wallet, mint, system, program],
  data: Buffer.of(1),
});
const pays = (from: Pubkey, to: Pubkey, owner: Pubkey): TestInstruction => ({
  program: DECLARED,
  accounts: [from, USDC, to, owner],
  data: Buffer.concat([Buffer.of(12), u64(5n), Buffer.of(6)]),
});
const own = [K, ata(K, token, USDC), ata(K, token2022, PY)];
const messages = [
  ...[BOB, CAROL].flatMap((wallet) => [
    [systemTransfer(K, wallet, 400_000_000n)],
    [systemTransfer(K, wallet, 600_000_000n), memo('desk-7/9')],
    ...tokens.flatMap(([program, mint]) => [
      [systemTransfer(K, ata(wallet, program, mint), 600_000_000n)],
      [opens(wallet, program, mint)],
    ]),
  ]),
  ...[...own.slice(1), BOB].flatMap((from) => [...own, BOB, CAROL].map((to) => [pays(from, to, K)])),
  ...own.map((from) => [pays(from, BOB, CAROL)]),
  [systemTransfer(K, own[1] ?? K, 9n)],
  [tidies],
  // Only with so much rent on top is it too much.
  [systemTransfer(K, BOB, 7_995_000_000n), opens(BOB, token, USDC)],
  [computeUnitLimit(1_000_000), computeUnitPrice(3_000_000n), systemTransfer(K, BOB, 9n)],
  [computeUnitLimit(1000), memo('note')],
  [withdraw],
  [split],
].map((instructions) => compile('legacy', [K], instructions));
messages.push(
  compile('legacy', [CAROL, K], [systemTransfer(K, BOB, 9n)]),
  ...[0, 1].map((at) =>
    encodeMessage({
      version: 0,
      accounts: [K, system],
      signatures: 1,
      readonlyUnsigned: 1,
      instructions: [{ program: 1, accounts: [0, 2], data: Buffer.concat([u32(2), u64(9n)]) }],
      lookups: [{ table: parseAddress(TABLE)!, writable: [at], readonly: [] }],
    }),
  ),
);

const state = new SubjectState(attestation({ challenge: { time: NOON - 60_000 } }));
state.spend('SOL', 1_000_000_000n, NOON - 1_800_000);
state.spend('transactions', 3n, NOON - 30_000);
state.spendBy(addressOf('bob'), 'SOL', 100_000_000n, NOON - 1_800_000);

/** Which messages it allows. */
function allowed(policy: Policy): readonly boolean[] {
  const site = { policy, key: policy.keys.get('trading-1')! };
  return messages.map((message) => decide(questionOf(site, message), state).decision === 'allow');
}

interface Judged {
  readonly policy: Policy;
  readonly allows: readonly boolean[];
}

/** One policy for each value that one field may have. */
function* variants(
  above: Draft,
  key: Draft,
): Generator<readonly [field: string, policies: readonly Judged[]]> {
  const judged = (policy: Policy | null): readonly Judged[] =>
    policy === null ? [] : [{ policy, allows: allowed(policy) }];
  for (const [field, values] of Object.entries<Fields[string]>(ABOVE)) {
    yield [field, values.flatMap((value) => judged(policyOf({ ...above, [field]: value }, key)))];
  }
  for (const [field, values] of Object.entries<Fields[string]>(OF_KEY)) {
    yield [`key.${field}`, values.flatMap((value) => judged(policyOf(above, { ...key, [field]: value })))];
  }
}

describe('I8: what lets more through', () => {
  it('is told as a widening by the diff, whatever field it is', () => {
    const seen = new Set<string>();
    const check = (above: Draft, key: Draft): void => {
      for (const [field, policies] of variants(above, key)) {
        for (const before of policies) {
          for (const after of policies) {
            if (!after.allows.some((allows, index) => allows && before.allows[index] !== true)) continue;
            seen.add(field);
            const lines = diffPolicies(before.policy, after.policy);
            expect(
              lines.filter((line) => line.startsWith('widens: ')),
              lines.join('\n'),
            ).not.toEqual([]);
          }
        }
      }
    };
    const property = fc.property(draft(ABOVE, 3), draft(OF_KEY, 2), check);
    const first = (lists: Fields): Draft =>
      Object.fromEntries(Object.entries(lists).map(([field, [value]]) => [field, value]));
    fc.assert(property, { numRuns: 4, examples: [[first(ABOVE), first(OF_KEY)]] });
    expect([...seen].sort()).toEqual(
      [...Object.keys(ABOVE), ...Object.keys(OF_KEY).map((field) => `key.${field}`)].sort(),
    );
  });
});
