import { afterAll, describe, expect, it } from 'vitest';
import { pubkeyAt, pubkeyBytes, type Pubkey } from '../../../src/core/pubkey.js';
import { assess } from '../../../src/solana/assess.js';
import { deriveAssociatedTokenAccount } from '../../../src/solana/derive.js';
import { keyContext, PLAIN_TOKEN_ACCOUNT_RENT } from '../../../src/solana/key-context.js';
import { PROGRAM_IDS } from '../../../src/solana/program-names.js';
import { readTransaction } from '../../../src/solana/read-transaction.js';
import { compile, computeUnitLimit, key, u64, wire } from '../../support/solana-build.js';
import { declare, DECLARED, PAY } from '../../support/solana-declared.js';
import { mintAccount, tokenAccount } from '../../support/solana-loss/layouts.js';
import { Random } from '../../support/solana-loss/random.js';
import { Vm } from '../../support/solana-svm.js';

const ROUNDS = 400;

/**
 * A program the signer has no rules for, executed: the Token program's code at an address of its own, declared by
 * an IDL. What its accounts really lose is compared with what the declaration counts.
 */
describe('I6: a declared program takes no more than its declaration counts', () => {
  const vm = new Vm();
  afterAll(() => vm.stop());

  it(`over ${String(ROUNDS)} executed transactions`, async () => {
    const random = new Random(42);
    const K = pubkeyAt(random.bytes(32));
    const mint = pubkeyAt(random.bytes(32));
    const theirs = pubkeyAt(random.bytes(32));
    const auxiliary = pubkeyAt(random.bytes(32));
    const own = deriveAssociatedTokenAccount(K, DECLARED, mint);
    const context = {
      ...keyContext({
        key: K,
        assets: [{ program: DECLARED, mint, decimals: 6 }],
        tables: new Map(),
        rent: PLAIN_TOKEN_ACCOUNT_RENT,
      }),
      declared: new Map([[DECLARED, declare([PAY])]]),
    };
    const owner = pubkeyBytes(DECLARED);
    const holding = (holder: Pubkey, amount: bigint): Buffer => tokenAccount({ mint, owner: holder, amount });
    const accounts = [
      {
        address: K,
        lamports: 10_000_000_000n,
        owner: pubkeyBytes(PROGRAM_IDS.system),
        data: Buffer.alloc(0),
      },
      { address: mint, lamports: 1_461_600n, owner, data: mintAccount(key(5), 6) },
      { address: own, lamports: PLAIN_TOKEN_ACCOUNT_RENT, owner, data: holding(K, 1_000_000n) },
      { address: auxiliary, lamports: PLAIN_TOKEN_ACCOUNT_RENT, owner, data: holding(K, 1_000_000n) },
      { address: theirs, lamports: PLAIN_TOKEN_ACCOUNT_RENT, owner, data: holding(key(6), 0n) },
    ].map(({ address, ...rest }) => ({ address: pubkeyBytes(address), ...rest }));
    const clones = [{ from: pubkeyBytes(PROGRAM_IDS.token), to: pubkeyBytes(DECLARED) }];

    let moved = 0;
    let refused = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const amount = BigInt(random.below(2_000_000));
      const places = [own, mint, theirs, K];
      if (random.chance(30)) places[random.below(4)] = random.pick([own, auxiliary, theirs, K, mint]);
      const tag = random.chance(85) ? 12 : random.pick([3, 4, 6, 8, 9]);
      // What the IDL does not declare the program does all the same.
      if (tag === 3) places.splice(1, 1);
      const data = Buffer.concat([Buffer.from([tag]), u64(amount), Buffer.from([6])]);
      const version = random.pick(['legacy', 0, 1] as const);
      const config = { computeUnitLimit: 100_000, loadedDataLimit: 1 << 26 };
      const message = compile(
        version,
        [K],
        [
          ...(version === 1 ? [] : [computeUnitLimit(100_000)]),
          { program: DECLARED, accounts: places, data },
        ],
        version === 1 ? { config } : {},
      );
      const bytes = wire(version, message, 1);
      const assessment = assess(readTransaction(bytes).message, context);
      if (assessment.instructions.some((report) => report.refusals.length > 0)) {
        refused++;
        continue;
      }
      const [steps] = await vm.run([
        {
          accounts,
          clones: round === 0 || moved === 0 ? clones : [],
          steps: [bytes],
          watch: [own, auxiliary, K].map(pubkeyBytes),
        },
      ]);
      const [step] = steps ?? [];
      const balance = (index: number): bigint =>
        Buffer.from(step?.accounts[index]?.data ?? []).readBigUInt64LE(64);
      const lost = 2_000_000n - balance(0) - balance(1);
      const counted = assessment.instructions
        .flatMap((report) => report.debits)
        .filter(({ asset }) => asset.kind === 'token' && asset.mint === mint)
        .reduce((sum, debit) => sum + debit.amount, 0n);
      expect(lost <= counted).toBe(true);
      if (step?.ok === true && lost > 0n) moved++;
      const lamports = 10_000_000_000n - (step?.accounts[2]?.lamports ?? 0n);
      expect(lamports <= assessment.fee.lamports).toBe(true);
    }
    expect(moved).toBeGreaterThan(80);
    expect(refused).toBeGreaterThan(50);
  });
});
