import { afterAll, describe, expect, it } from 'vitest';
import { pubkeyBytes, toAddress, type Pubkey } from '../../../src/core/pubkey.js';
import { sha256Hex } from '../../../src/core/sha256.js';
import { decide } from '../../../src/policy/decide.js';
import { parsePolicy } from '../../../src/policy/parse-policy.js';
import type { Verdict } from '../../../src/policy/verdict.js';
import { deriveAssociatedTokenAccount, findProgramAddress } from '../../../src/solana/derive.js';
import { PROGRAM_IDS } from '../../../src/solana/program-names.js';
import { questionOf } from '../../support/policy-question.js';
import { attestation, ListState } from '../../support/policy-state.js';
import { ledgerKeyText, policyBytes, pubkeyOf, walletText } from '../../support/policy-text.js';
import {
  compile,
  computeUnitLimit,
  key,
  u64,
  wire,
  type TestInstruction,
} from '../../support/solana-build.js';
import { ANCHOR_IDL, DECLARED } from '../../support/solana-declared.js';
import { mintAccount, TOKEN_RENT, tokenAccount } from '../../support/solana-loss/layouts.js';
import { Vm, type Scenario } from '../../support/solana-svm.js';

/**
 * The mechanism of declared programs without anybody's program: the code of two that the VM carries, at addresses for
 * which the signer has no rules, declared by the text of a policy, judged by `decide` and executed. One is paid from a
 * token account of the key; the other takes the key's lamports itself, by a call into the System program.
 */
const OPENER = key(7100);
const K = pubkeyOf('trading-1');
const BOB = pubkeyOf('bob');
const { token, system } = PROGRAM_IDS;
const [coin, plain, theirs] = [key(7101), key(7102), key(7103)];
const own = deriveAssociatedTokenAccount(K, token, coin);
const opened = findProgramAddress([BOB, token, plain].map(pubkeyBytes), OPENER);
const SOL = 10_000_000_000n;

const OPENER_IDL = {
  address: toAddress(OPENER),
  instructions: [
    {
      name: 'open',
      discriminator: [1],
      accounts: [
        { name: 'funder', writable: true, signer: true },
        { name: 'account', writable: true },
        { name: 'wallet' },
        { name: 'mint' },
        { name: 'system_program', address: toAddress(system) },
        { name: 'token_program', address: toAddress(token) },
      ],
      args: [],
    },
  ],
};
const IDLS = [ANCHOR_IDL, OPENER_IDL].map((idl) => Buffer.from(JSON.stringify(idl)));
const pin = (index: number) => ({ format: 'anchor', sha256: sha256Hex(IDLS[index] ?? Buffer.alloc(0)) });
const policy = parsePolicy(
  policyBytes({
    assets: { COIN: { mint: toAddress(coin), program: 'token', decimals: 6 } },
    programs: {
      exchange: {
        id: toAddress(DECLARED),
        idl: pin(0),
        instructions: [
          {
            name: 'pay',
            key: ['owner'],
            own: ['from'],
            destinations: ['to'],
            spends: [{ source: 'from', amount: { argument: 'amount' } }],
            bounds: [{ argument: 'decimals', least: 6, most: 6 }],
          },
        ],
      },
      opener: {
        id: toAddress(OPENER),
        idl: pin(1),
        instructions: [
          {
            name: 'open',
            key: ['funder'],
            destinations: ['wallet'],
            spends: [{ source: 'funder', amount: { constant: Number(TOKEN_RENT) } }],
          },
        ],
      },
    },
    keys: [
      walletText({
        limits: [
          { asset: 'SOL', window: '1h', max: '2 SOL' },
          { asset: 'COIN', window: '24h', max: '1 COIN' },
        ],
        programs: ['exchange', 'opener', 'compute-budget'],
        destinations: [toAddress(BOB), toAddress(theirs)],
      }),
      ledgerKeyText(),
    ],
  }),
  { blob: (sha256) => IDLS.find((idl) => sha256Hex(idl) === sha256) ?? null },
);
const trading = policy.keys.get('trading-1')!;

const pay = (amount: bigint, to = theirs, from = own): TestInstruction => ({
  program: DECLARED,
  accounts: [from, coin, to, K],
  data: Buffer.concat([Buffer.of(12), u64(amount), Buffer.of(6)]),
});
const open = (funder: Pubkey = K): TestInstruction => ({
  program: OPENER,
  accounts: [funder, opened, BOB, plain, system, token],
  data: Buffer.of(1),
});

const VERSIONS = ['legacy', 0, 1] as const;
function messageOf(version: (typeof VERSIONS)[number], instructions: readonly TestInstruction[]): Buffer {
  const config = { computeUnitLimit: 100_000, loadedDataLimit: 1 << 26 };
  if (version === 1) return compile(1, [K], instructions, { config });
  return compile(version, [K], [computeUnitLimit(100_000), ...instructions]);
}
const judge = (message: Uint8Array): Verdict =>
  decide(questionOf({ policy, key: trading }, message), new ListState(attestation()));
const counted = (verdict: Verdict, unit: string): bigint =>
  verdict.counted.find((count) => count.unit === unit)?.amount ?? 0n;

function world(): Scenario['accounts'] {
  const account = (address: Pubkey, owner: Pubkey, lamports: bigint, data: Buffer = Buffer.alloc(0)) => ({
    address: pubkeyBytes(address),
    owner: pubkeyBytes(owner),
    lamports,
    data,
  });
  const holding = (owner: Pubkey, amount: bigint): Buffer => tokenAccount({ mint: coin, owner, amount });
  return [
    account(K, system, SOL),
    account(opened, system, 0n),
    account(coin, DECLARED, 1_461_600n, mintAccount(key(5), 6)),
    account(plain, token, 1_461_600n, mintAccount(key(5), 6)),
    account(own, DECLARED, TOKEN_RENT, holding(K, 5_000_000n)),
    account(theirs, DECLARED, TOKEN_RENT, holding(key(6), 0n)),
  ];
}

describe('I6: a program that the policy declares, executed', () => {
  const vm = new Vm();
  afterAll(() => vm.stop());
  let cloned = false;

  async function losses(bytes: Uint8Array): Promise<{ readonly coin: bigint; readonly lamports: bigint }> {
    const clones = [
      { from: pubkeyBytes(token), to: pubkeyBytes(DECLARED) },
      { from: pubkeyBytes(PROGRAM_IDS['associated-token']), to: pubkeyBytes(OPENER) },
    ];
    const scenario = { accounts: world(), steps: [bytes], watch: [own, K].map(pubkeyBytes) };
    const [steps] = await vm.run([{ ...scenario, clones: cloned ? [] : clones }]);
    cloned = true;
    const [step] = steps ?? [];
    expect(step).toMatchObject({ ok: true });
    const [source, wallet] = step?.accounts ?? [];
    const left = Buffer.from(source?.data ?? []).readBigUInt64LE(64);
    return { coin: 5_000_000n - left, lamports: SOL - (wallet?.lamports ?? 0n) };
  }

  for (const version of VERSIONS) {
    it(`loses to it what was counted, in version ${String(version)}`, async () => {
      const message = messageOf(version, [pay(400_000n), open(), pay(500_000n)]);
      const verdict = judge(message);
      expect(verdict.decision).toBe('allow');
      expect(verdict.exposure.map(({ program, accounts }) => [program, accounts])).toEqual([
        ['exchange', [toAddress(own), toAddress(K)]],
        ['opener', [toAddress(K)]],
      ]);
      const lost = await losses(wire(version, message, 1));
      expect(lost.coin).toBe(900_000n);
      expect(counted(verdict, 'COIN')).toBe(900_000n);
      expect(lost.lamports).toBeGreaterThan(TOKEN_RENT);
      expect(lost.lamports).toBeLessThanOrEqual(counted(verdict, 'SOL'));
    });

    it.each<[string, readonly TestInstruction[], string]>([
      ['more than the limit in two calls', [pay(600_000n), pay(400_001n)], 'SPEND_LIMIT_EXCEEDED'],
      ['a receiver who is not listed', [pay(1n, key(7104))], 'DESTINATION_NOT_ALLOWED'],
      ['a source that is not derived for the key', [pay(1n, theirs, key(7105))], 'INSTRUCTION_NOT_ALLOWED'],
      [
        'rent that is somebody else’s word',
        [{ ...open(), accounts: [key(7106), ...open().accounts.slice(1, 5), K] }],
        'INSTRUCTION_NOT_ALLOWED',
      ],
    ])(`refuses %s, in version ${String(version)}`, (_what, instructions, code) => {
      const verdict = judge(messageOf(version, instructions));
      expect(verdict.decision === 'deny' ? verdict.failures[0].code : 'allow').toBe(code);
    });
  }
});
