import { afterAll, expect, it } from 'vitest';
import { pubkeyBytes } from '../../../src/core/pubkey.js';
import { assess } from '../../../src/solana/assess.js';
import { deriveAssociatedTokenAccount } from '../../../src/solana/derive.js';
import { keyContext, PLAIN_TOKEN_ACCOUNT_RENT } from '../../../src/solana/key-context.js';
import { readTransaction } from '../../../src/solana/read-transaction.js';
import { leastToken2022Rent } from '../../../src/solana/rent.js';
import { ATA, K, SYSTEM, T22, THIEF } from '../../support/solana-attempts.js';
import { call, compile, computeUnitLimit, key, wire } from '../../support/solana-build.js';
import { mintAccount } from '../../support/solana-loss/layouts.js';
import { Vm, type VmAccount } from '../../support/solana-svm.js';

/** Extensions a mint can have, by type and length of the value: what an account of it opens with depends on them. */
const EXTENSIONS = [
  [1, 108],
  [3, 32],
  [4, 65],
  [6, 1],
  [9, 0],
  [10, 52],
  [12, 32],
  [14, 64],
  [16, 129],
  [18, 64],
  [20, 64],
  [22, 64],
  [25, 56],
  [26, 33],
  [28, 32],
] as const;
const MINT = key(9000);

const vm = new Vm();
afterAll(() => vm.stop());

const context = keyContext({
  key: K,
  assets: [{ program: T22, mint: MINT, decimals: 6 }],
  tables: new Map(),
  rent: PLAIN_TOKEN_ACCOUNT_RENT,
});

/** The account the key opens for itself of a mint with these extensions, and what is counted for it. */
async function open(
  extensions?: Buffer,
): Promise<{ opened: VmAccount | null | undefined; counted: bigint | undefined }> {
  const account = deriveAssociatedTokenAccount(K, T22, MINT);
  const create = call(ATA, [K, account, K, MINT, SYSTEM, T22], 0);
  const bytes = wire('legacy', compile('legacy', [K], [computeUnitLimit(400_000), create]), 1);
  const wallet = { lamports: 10n ** 10n, owner: pubkeyBytes(SYSTEM), data: Buffer.alloc(0) };
  const mint = { lamports: 10n ** 8n, owner: pubkeyBytes(T22), data: mintAccount(THIEF, 6, extensions) };
  const [steps] = await vm.run([
    {
      accounts: [
        { address: pubkeyBytes(K), ...wallet },
        { address: pubkeyBytes(account), ...wallet, lamports: 0n },
        { address: pubkeyBytes(MINT), ...mint },
      ],
      steps: [bytes],
      watch: [pubkeyBytes(account)],
    },
  ]);
  const [debit] = assess(readTransaction(bytes).message, context).instructions[1]?.debits ?? [];
  return { opened: steps?.[0]?.accounts[0], counted: debit?.amount };
}

it('I6: the rent counted for a Token-2022 account is enough for a mint of every extension', async () => {
  const extensions = EXTENSIONS.flatMap(([type, length]) => [
    Buffer.of(type, 0, length, 0),
    Buffer.alloc(length),
  ]);
  const { opened, counted } = await open(Buffer.concat(extensions));
  expect(opened?.data.length).toBe(195);
  expect(opened?.lamports).toBe(2_248_080n);
  expect(counted).toBe(2_282_880n);
});

it('I6: no figure of a policy may be below what the plainest account of Token-2022 costs', async () => {
  const { opened } = await open();
  expect(opened?.data.length).toBe(170);
  expect(opened?.lamports).toBe(leastToken2022Rent(context));
});
