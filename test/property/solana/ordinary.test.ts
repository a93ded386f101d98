import { afterAll, describe, expect, it } from 'vitest';
import { pubkeyBytes, toAddress, wellKnown, type Pubkey } from '../../../src/core/pubkey.js';
import { sha256Hex } from '../../../src/core/sha256.js';
import { decide } from '../../../src/policy/decide.js';
import { parsePolicy } from '../../../src/policy/parse-policy.js';
import { assess } from '../../../src/solana/assess.js';
import { deriveAssociatedTokenAccount } from '../../../src/solana/derive.js';
import { deriveWithSeed } from '../../support/derive-with-seed.js';
import { PROGRAM_IDS } from '../../../src/solana/program-names.js';
import { readTransaction } from '../../../src/solana/read-transaction.js';
import { attestation, ListState, NOON } from '../../support/policy-state.js';
import { AGENT, ledgerKeyText, policyBytes, pubkeyOf, walletText } from '../../support/policy-text.js';
import {
  dammSwap,
  profileBlob,
  whirlpoolSwap,
  whirlpoolSwapV2,
  withProfiles,
} from '../../support/profiles.js';
import { dlmmSwap, dynamicAmmSwap, pumpAmmSwap, pumpSwap } from '../../support/profile-swaps.js';
import {
  compile,
  computeUnitLimit,
  computeUnitPrice,
  encodeMessage,
  key,
  memo,
  systemTransfer,
  u32,
  u64,
  wire,
  type TestInstruction,
} from '../../support/solana-build.js';
import { STAKE_RENT, TOKEN_RENT } from '../../support/solana-loss/layouts.js';
import { Random } from '../../support/solana-loss/random.js';
import { ASSETS, createCast, createWorld, SEED } from '../../support/solana-loss/world.js';
import { Vm } from '../../support/solana-svm.js';

/**
 * What a trading wallet sends every day, under a policy as people write them. A refusal here is a failure: a signer
 * that refuses these is of no use. Each is executed in all three versions, so that the corpus cannot drift from what
 * the chain accepts; only what the VM lacks the programs or accounts for is judged alone.
 */
const cast = createCast(3, pubkeyOf('trading-1'));
const world = createWorld(cast, new Random(5), true);
const K = cast.key;
const [wrapped, ata, ata2022] = cast.ata;
const [theirs0, theirs, theirs2022] = cast.theirs;
const [native, mint, mint2022] = ASSETS;
const [fresh] = cast.fresh;
if (
  !wrapped ||
  !ata ||
  !ata2022 ||
  !theirs0 ||
  !theirs ||
  !theirs2022 ||
  !native ||
  !mint ||
  !mint2022 ||
  !fresh
) {
  throw new Error('the cast is incomplete');
}

/** A swap through a lookup table, and the accounts of its pool that stand there. */
const POOL_TABLE = key(8300);
const poolSwap = dlmmSwap({ key: K, input: ata, output: wrapped, amount: 100_000n, least: 1n }, 2);
const POOL = [...new Set(poolSwap.accounts)].filter(
  (account) => account !== K && account !== poolSwap.program,
);

const asset = ({ program, mint, decimals }: (typeof ASSETS)[number]) => ({
  mint: toAddress(mint),
  program: program === PROGRAM_IDS.token ? 'token' : 'token-2022',
  decimals,
});
const PROGRAMS = ['system', 'token', 'token-2022', 'associated-token', 'compute-budget', 'memo', 'stake'];
const policy = parsePolicy(
  withProfiles(
    policyBytes({
      assets: { USDC: asset(mint), EURC: asset(mint2022) },
      tables: {
        [toAddress(cast.table)]: cast.tableContents.map(toAddress),
        [toAddress(POOL_TABLE)]: POOL.map(toAddress),
      },
      keys: [
        walletText({
          limits: [
            { asset: 'SOL', perTransaction: '0.5 SOL', window: '1h', max: '2 SOL' },
            { asset: 'USDC', window: '24h', max: '10000 USDC' },
            { asset: 'EURC', window: '24h', max: '10000 EURC' },
          ],
          programs: [...PROGRAMS, 'whirlpool', 'damm-v2', 'dlmm', 'dynamic-amm', 'pump-amm', 'pump'],
          // A wallet stands for its associated accounts; other token accounts are listed by themselves.
          destinations: [cast.attacker, cast.payer, theirs0, theirs, theirs2022, cast.vote].map(toAddress),
        }),
        ledgerKeyText(),
      ],
    }),
  ),
  { blob: profileBlob },
);
const trading = policy.keys.get('trading-1');
if (trading === undefined) throw new Error('the policy has no trading key');

const RENT = wellKnown('SysvarRent111111111111111111111111111111111');
const CLOCK = wellKnown('SysvarC1ock11111111111111111111111111111111');
const HISTORY = wellKnown('SysvarStakeHistory1111111111111111111111111');
const STAKE_CONFIG = wellKnown('StakeConfig11111111111111111111111111111111');

const make = (
  program: Pubkey,
  accounts: readonly Pubkey[],
  ...data: readonly Uint8Array[]
): TestInstruction => ({
  program,
  accounts,
  data: Buffer.concat(data),
});
const byte = (...values: number[]): Buffer => Buffer.from(values);
const createAta = (account: Pubkey, wallet: Pubkey, asset: (typeof ASSETS)[number]): TestInstruction =>
  make(
    PROGRAM_IDS['associated-token'],
    [K, account, wallet, asset.mint, PROGRAM_IDS.system, asset.program],
    byte(1),
  );
const pay = (asset: (typeof ASSETS)[number], from: Pubkey, to: Pubkey, amount = 1n): TestInstruction =>
  make(asset.program, [from, asset.mint, to, K], byte(12), u64(amount), byte(asset.decimals));
const balance = Buffer.from(world.accounts.get(ata)?.data ?? Buffer.alloc(72)).readBigUInt64LE(64);
const seededStake = deriveWithSeed(K, SEED, PROGRAM_IDS.stake);
const wrap = (lamports: bigint): readonly TestInstruction[] => [
  createAta(wrapped, K, native),
  systemTransfer(K, wrapped, lamports),
  make(native.program, [wrapped], byte(17)),
];
const unwrap = make(native.program, [wrapped, K, K], byte(9));
const swap = { key: K, input: wrapped, output: ata, amount: 100_000_000n, least: 14_000_000n };

const corpus: readonly (readonly [string, readonly TestInstruction[]])[] = [
  ['a transfer', [systemTransfer(K, cast.attacker, 1000n)]],
  [
    'a transfer with a memo and a priority fee',
    [computeUnitPrice(10_000n), systemTransfer(K, cast.attacker, 1n), memo('rent')],
  ],
  ['a transfer with a reference', [make(PROGRAM_IDS.system, [K, cast.attacker, fresh], u32(2), u64(5n))]],
  [
    'a token transfer to a new account',
    [createAta(cast.theirAta[1] ?? K, cast.attacker, mint), pay(mint, ata, cast.theirAta[1] ?? K)],
  ],
  ['a token transfer', [pay(mint, ata, theirs)]],
  ['an unchecked token transfer', [make(mint.program, [ata, theirs, K], byte(3), u64(1n))]],
  ['a Token-2022 transfer', [pay(mint2022, ata2022, theirs2022)]],
  [
    'emptying a token account and closing it',
    [pay(mint, ata, theirs, balance), make(mint.program, [ata, K, K], byte(9))],
  ],
  ['a payment and a tip', [systemTransfer(K, cast.attacker, 1000n), systemTransfer(K, cast.attacker, 10n)]],
  [
    'an account opened the old way, with the rent sysvar',
    [
      make(PROGRAM_IDS['associated-token'], [
        K,
        deriveAssociatedTokenAccount(cast.payer, native.program, native.mint),
        cast.payer,
        native.mint,
        PROGRAM_IDS.system,
        native.program,
        RENT,
      ]),
    ],
  ],
  ['a Token-2022 account', [createAta(ata2022, K, mint2022)]],
  ['the end of an approval', [make(mint.program, [ata, K], byte(5))]],
  [
    'a wrapped account by seed, filled, used and closed',
    [
      make(
        PROGRAM_IDS.system,
        [K, cast.seeded, K],
        u32(3),
        pubkeyBytes(K),
        u64(BigInt(SEED.length)),
        SEED,
        u64(TOKEN_RENT + 500n),
        u64(165n),
        pubkeyBytes(native.program),
      ),
      make(native.program, [cast.seeded, native.mint, K, RENT], byte(1)),
      make(native.program, [cast.seeded, native.mint, theirs0, K], byte(12), u64(200n), byte(9)),
      make(native.program, [cast.seeded, K, K], byte(9)),
    ],
  ],
  ['wrapping', wrap(5000n)],
  ['unwrapping', [unwrap]],
  [
    'a temporary wrapped account, closed again',
    [
      make(
        PROGRAM_IDS.system,
        [K, fresh],
        u32(0),
        u64(TOKEN_RENT + 500n),
        u64(165n),
        pubkeyBytes(native.program),
      ),
      make(native.program, [fresh, native.mint], byte(18), pubkeyBytes(K)),
      make(native.program, [fresh, K, K], byte(9)),
    ],
  ],
  [
    'opening a stake account',
    [
      make(
        PROGRAM_IDS.system,
        [K, seededStake, K],
        u32(3),
        pubkeyBytes(K),
        u64(BigInt(SEED.length)),
        SEED,
        u64(STAKE_RENT + 1_000_000n),
        u64(200n),
        pubkeyBytes(PROGRAM_IDS.stake),
      ),
      make(PROGRAM_IDS.stake, [seededStake, RENT], u32(0), pubkeyBytes(K), pubkeyBytes(K), Buffer.alloc(48)),
    ],
  ],
  [
    'withdrawing stake',
    [make(PROGRAM_IDS.stake, [cast.stakes[0], K, CLOCK, HISTORY, K], u32(4), u64(1000n))],
  ],
  [
    'delegating stake',
    [make(PROGRAM_IDS.stake, [cast.stakes[0], cast.vote, CLOCK, HISTORY, STAKE_CONFIG, K], u32(2))],
  ],
  ['deactivating stake', [make(PROGRAM_IDS.stake, [cast.active[0], CLOCK, K], u32(5))]],
];

/** Judged, not executed: the VM has none of these programs. */
const unexecuted: readonly (readonly [string, readonly TestInstruction[]])[] = [
  ['wrapping, a swap on Orca, unwrapping', [...wrap(swap.amount), whirlpoolSwap(swap), unwrap]],
  ['a swap on Orca for wrapped SOL', [whirlpoolSwap({ ...swap, input: ata, output: wrapped }), unwrap]],
  ['a swap on Orca, version 2', [computeUnitPrice(50_000n), whirlpoolSwapV2(swap)]],
  ['a swap on Meteora to a new account', [createAta(ata, K, mint), dammSwap(swap)]],
  ['a swap on Meteora, version 2, with a memo', [dammSwap(swap, 0), memo('desk-7')]],
  ['a swap on Meteora DLMM', [dlmmSwap({ ...swap, input: ata, output: wrapped })]],
  ['a swap on Meteora Dynamic AMM', [dynamicAmmSwap({ ...swap, input: ata, output: wrapped })]],
  [
    'a purchase on Pump AMM with SOL wrapped for it',
    [...wrap(swap.amount), pumpAmmSwap(swap, 'buy'), unwrap],
  ],
  ['a sale on Pump AMM', [pumpAmmSwap({ ...swap, input: ata, output: wrapped }, 'sell'), unwrap]],
  ['a purchase on a Pump curve', [createAta(ata, K, mint), pumpSwap(swap, 'buy-exact')]],
];

const VERSIONS = ['legacy', 0, 1] as const;

function wireOf(version: (typeof VERSIONS)[number], instructions: readonly TestInstruction[]): Buffer {
  const all = version === 1 ? instructions : [computeUnitLimit(300_000), ...instructions];
  const signers = instructions.some((each) => each.data.length === 52) ? [K, fresh as Pubkey] : [K];
  const config = { computeUnitLimit: 300_000, loadedDataLimit: 1 << 26, priorityFee: 5n };
  return wire(version, compile(version, signers, all, version === 1 ? { config } : {}), signers.length);
}

/** The first failure, or `allow`: what the daemon would say, from the bytes on the wire and the text of the policy. */
function judge(bytes: Uint8Array): string {
  if (trading === undefined) throw new Error('unreachable');
  const { message } = readTransaction(bytes);
  const verdict = decide(
    {
      policy,
      key: trading,
      workload: AGENT,
      assessment: assess(message, trading.context),
      messageHash: sha256Hex(message.bytes),
      purpose: 'transaction',
      possessed: new Set(),
      now: NOON,
      entryTime: NOON,
    },
    new ListState(attestation()),
  );
  return verdict.decision === 'allow' ? 'allow' : verdict.failures.map(({ message }) => message).join('; ');
}

describe('ordinary transactions', () => {
  const vm = new Vm();
  afterAll(() => vm.stop());

  async function execute(bytes: Uint8Array): Promise<void> {
    const accounts = [...world.accounts].map(([address, account]) => ({
      address: pubkeyBytes(address),
      ...account,
    }));
    const [steps] = await vm.run([{ accounts, steps: [bytes], watch: [] }], true);
    expect(steps?.[0]).toMatchObject({ ok: true });
  }

  for (const version of VERSIONS) {
    it.each(corpus)(`accepts %s in version ${String(version)}`, async (_name, instructions) => {
      const bytes = wireOf(version, instructions);
      expect(judge(bytes)).toBe('allow');
      await execute(bytes);
    });
    it.each(unexecuted)(`accepts %s in version ${String(version)}, not executed`, (_name, instructions) => {
      expect(judge(wireOf(version, instructions))).toBe('allow');
    });
  }

  it.each(['legacy', 0] as const)('accepts a transfer that sets no limits in version %s', async (version) => {
    const message = compile(version, [K], [systemTransfer(K, cast.attacker, 1000n)]);
    const bytes = wire(version, message, 1);
    expect(judge(bytes)).toBe('allow');
    await execute(bytes);
  });

  it.each(VERSIONS)('accepts a token transfer whose fee another pays in version %s', async (version) => {
    const config = { computeUnitLimit: 300_000, loadedDataLimit: 1 << 26, priorityFee: 5n };
    const instructions = [pay(mint, ata, theirs)];
    const message = compile(version, [cast.attacker, K], instructions, version === 1 ? { config } : {});
    const bytes = wire(version, message, 2);
    expect(judge(bytes)).toBe('allow');
    await execute(bytes);
  });

  it('accepts a swap through a pinned lookup table, not executed', () => {
    const { program, accounts, data } = poolSwap;
    const at = (account: Pubkey): number =>
      account === K ? 0 : account === program ? 1 : 2 + POOL.indexOf(account);
    const message = encodeMessage({
      version: 0,
      accounts: [K, program],
      signatures: 1,
      readonlyUnsigned: 1,
      lookups: [{ table: POOL_TABLE, writable: [...POOL.keys()], readonly: [] }],
      instructions: [{ program: 1, accounts: accounts.map(at), data }],
    });
    expect(judge(wire(0, message, 1))).toBe('allow');
  });

  it('accepts a token transfer through a pinned lookup table', async () => {
    const at = (account: Pubkey): number => cast.tableContents.indexOf(account);
    const message = encodeMessage({
      version: 0,
      accounts: [K, mint.program],
      signatures: 1,
      readonlyUnsigned: 1,
      lookups: [{ table: cast.table, writable: [at(ata), at(theirs)], readonly: [at(mint.mint)] }],
      instructions: [
        { program: 1, accounts: [2, 4, 3, 0], data: Buffer.concat([byte(12), u64(1n), byte(mint.decimals)]) },
      ],
    });
    const bytes = wire(0, message, 1);
    expect(judge(bytes)).toBe('allow');
    await execute(bytes);
  });

  it('accepts a payment whose reference stands in a table that nobody pinned', async () => {
    const message = encodeMessage({
      version: 0,
      accounts: [K, cast.attacker, PROGRAM_IDS.system],
      signatures: 1,
      readonlyUnsigned: 1,
      lookups: [{ table: cast.secondTable, writable: [], readonly: [3] }],
      instructions: [{ program: 2, accounts: [0, 1, 3], data: Buffer.concat([u32(2), u64(5n)]) }],
    });
    const bytes = wire(0, message, 1);
    expect(judge(bytes)).toBe('allow');
    await execute(bytes);
  });
});
