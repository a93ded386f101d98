import { afterAll, describe, expect, it } from 'vitest';
import { pubkeyBytes, wellKnown, type Pubkey } from '../../../src/core/pubkey.js';
import { assess } from '../../../src/solana/assess.js';
import { deriveWithSeed } from '../../../src/solana/derive.js';
import { PROGRAM_IDS } from '../../../src/solana/program-names.js';
import { readTransaction } from '../../../src/solana/read-transaction.js';
import {
  compile,
  computeUnitLimit,
  computeUnitPrice,
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
import { contextOf } from '../../support/solana-loss/run.js';
import { Vm } from '../../support/solana-svm.js';

/**
 * What a trading wallet sends every day. A refusal here is a failure: a signer that refuses these is of no use.
 * Each is executed in all three versions, so that the corpus cannot drift from what the chain accepts.
 */
const cast = createCast(3);
const world = createWorld(cast, new Random(5), true);
const K = cast.key;
const [wrapped, ata, ata2022] = cast.ata;
const [, theirs, theirs2022] = cast.theirs;
const [native, mint, mint2022] = ASSETS;
const [fresh] = cast.fresh;
if (!wrapped || !ata || !ata2022 || !theirs || !theirs2022 || !native || !mint || !mint2022 || !fresh) {
  throw new Error('the cast is incomplete');
}

const RENT = wellKnown('SysvarRent111111111111111111111111111111111');
const CLOCK = wellKnown('SysvarC1ock11111111111111111111111111111111');
const HISTORY = wellKnown('SysvarStakeHistory1111111111111111111111111');

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
const pay = (asset: (typeof ASSETS)[number], from: Pubkey, to: Pubkey): TestInstruction =>
  make(asset.program, [from, asset.mint, to, K], byte(12), u64(1n), byte(asset.decimals));
const seededStake = deriveWithSeed(K, SEED, PROGRAM_IDS.stake);

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
    'wrapping',
    [
      createAta(wrapped, K, native),
      systemTransfer(K, wrapped, 5000n),
      make(native.program, [wrapped], byte(17)),
    ],
  ],
  ['unwrapping', [make(native.program, [wrapped, K, K], byte(9))]],
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
];

describe('ordinary transactions', () => {
  const vm = new Vm();
  afterAll(() => vm.stop());

  for (const version of ['legacy', 0, 1] as const) {
    for (const [name, instructions] of corpus) {
      it(`accepts ${name} in version ${String(version)}`, async () => {
        const all = version === 1 ? instructions : [computeUnitLimit(300_000), ...instructions];
        const signers = instructions.some((each) => each.data.length === 52) ? [K, fresh] : [K];
        const config = { computeUnitLimit: 300_000, loadedDataLimit: 1 << 26, priorityFee: 5n };
        const message = compile(version, signers, all, version === 1 ? { config } : {});
        const bytes = wire(version, message, signers.length);
        const assessment = assess(readTransaction(bytes).message, contextOf(cast));
        expect([
          ...assessment.refusals,
          ...assessment.instructions.flatMap((report) => report.refusals),
        ]).toEqual([]);
        const accounts = [...world.accounts].map(([address, account]) => ({
          address: pubkeyBytes(address),
          ...account,
        }));
        const [steps] = await vm.run([{ accounts, steps: [bytes], watch: [] }]);
        expect(steps?.[0]).toMatchObject({ ok: true });
      });
    }
  }
});
