import { afterAll, describe, expect, it } from 'vitest';
import { pubkeyBytes, wellKnown, type Pubkey } from '../../../src/core/pubkey.js';
import {
  AUXILIARY,
  BLOCKHASHES,
  CLOCK,
  FAKE,
  FAKE_MINT,
  JOINT,
  K,
  MINT,
  MINT_22,
  NO,
  OPEN_TABLE,
  OWN,
  OWN_22,
  RENT,
  STAKE,
  STAKE_ACCOUNT,
  SYSTEM,
  T,
  T22,
  TABLES,
  THEIRS,
  THEIRS_22,
  THIEF,
  WRAPPED,
  approve,
  base,
  cast,
  seed,
  create,
  judged,
  thief,
  type Attempt,
} from '../../support/solana-attempts.js';
import { batch, call, key, u32, u64, type TestInstruction } from '../../support/solana-build.js';
import { chainFee } from '../../support/solana-loss/chain-fee.js';
import { shortfall } from '../../support/solana-loss/check.js';
import { lookupTable, mintAccount, tokenAccount, voteAccount } from '../../support/solana-loss/layouts.js';
import { Random } from '../../support/solana-loss/random.js';
import { holdings } from '../../support/solana-loss/value.js';
import { createWorld } from '../../support/solana-loss/world.js';
import { Vm, type VmAccount } from '../../support/solana-svm.js';

const VOTE = wellKnown('Vote111111111111111111111111111111111111111');
const FAKE_ACCOUNT = key(7003);
/** A Token-2022 mint the policy says nothing about. */
const UNDECLARED = key(7004);

/**
 * What a policy that allows every program must still refuse, each executed: the chain does it, and the key is poorer
 * by more than a fee. So a rule that is gone is one that a thief can use, not one that was only ever a sentence.
 */
const poorer: readonly Attempt[] = [
  ['Assign', call(SYSTEM, [K], u32(1), thief), NO],
  ['Allocate', call(SYSTEM, [K], u32(8), u64(8n)), NO],
  ['CreateAccountAllowPrefund over the key', call(SYSTEM, [K, THIEF], u32(13), u64(0n), u64(0n), thief), NO],
  ['AssignWithSeed', call(SYSTEM, [cast.promised, K], u32(10), base, ...seed, thief), NO],
  ['AllocateWithSeed', call(SYSTEM, [cast.promised, K], u32(9), base, ...seed, u64(8n), thief), NO],
  ['WithdrawNonceAccount', call(SYSTEM, [cast.nonce, THIEF, BLOCKHASHES, RENT, K], u32(5), u64(1000n)), NO],
  ['AuthorizeNonceAccount', call(SYSTEM, [cast.nonce, K], u32(7), thief), NO],
  ['Approve', approve(T, OWN), NO],
  ['Approve under Token-2022', approve(T22, OWN_22), NO],
  ['ApproveChecked', call(T, [OWN, MINT.mint, THIEF, K], 13, u64(1000n), MINT.decimals), NO],
  ['Approve as member of a multisig', call(T, [JOINT, THIEF, cast.multisig, K, THIEF], 4, u64(1000n)), NO],
  ['Approve in a Batch', batch(T, approve(T, OWN)), NO],
  ['Approve in a Batch of Token-2022', batch(T22, approve(T22, OWN_22)), NO],
  ['SetAuthority of the owner', call(T, [OWN, K], 6, 2, 1, thief), NO],
  ['SetAuthority to close', call(T, [OWN, K], 6, 3, 1, thief), NO],
  ['Burn', call(T, [OWN, MINT.mint, K], 8, u64(1000n)), NO],
  ['BurnChecked', call(T22, [OWN_22, MINT_22.mint, K], 15, u64(1000n), MINT_22.decimals), NO],
  ['CloseAccount', call(T, [WRAPPED, THIEF, K], 9), NO],
  ['UnwrapLamports of all', call(T, [WRAPPED, THIEF, K], 45, 0), NO],
  ['UnwrapLamports of some', call(T, [WRAPPED, THIEF, K], 45, 1, u64(1000n)), NO],
  ['WithdrawExcessLamports', call(T, [OWN, THIEF, K], 38), NO],
  ['Transfer of an unknown mint', call(T, [AUXILIARY, THEIRS, K], 3, u64(1000n)), NO],
  ['Reallocate', call(T22, [THEIRS_22, K, SYSTEM, THIEF], 29, 8, 0), NO],
  ['Create of an undeclared Token-2022 mint', create(T22, UNDECLARED), 'ASSET_NOT_ALLOWED'],
  ['Authorize of the withdrawer', call(STAKE, [STAKE_ACCOUNT, CLOCK, K], u32(1), thief, u32(1)), NO],
  ['AuthorizeChecked', call(STAKE, [STAKE_ACCOUNT, CLOCK, K, THIEF], u32(10), u32(1)), NO],
  ['CloseLookupTable', call(TABLES, [cast.oldTable, K, THIEF], u32(4)), NO],
  ['FreezeLookupTable', call(TABLES, [OPEN_TABLE, K], u32(1)), NO],
];

/** Done by the chain as well; what is lost is no figure, or none this world holds. */
const lasting: readonly Attempt[] = [
  ['AdvanceNonceAccount', call(SYSTEM, [cast.nonce, BLOCKHASHES, K], u32(4)), 'DURABLE_NONCE_NOT_ALLOWED'],
  ['SetLockup', call(STAKE, [STAKE_ACCOUNT, K], u32(6), 0, 1, u64(1n << 40n), 1, thief), NO],
  ['SetLockupChecked', call(STAKE, [STAKE_ACCOUNT, K, THIEF], u32(12), 0, 1, u64(1n << 40n)), NO],
  ['Authorize of the staker', call(STAKE, [STAKE_ACCOUNT, CLOCK, K], u32(1), thief, u32(0)), NO],
  ['an unknown program', call(FAKE, [FAKE_ACCOUNT, THIEF, K], 4, u64(1000n)), 'OPAQUE_INSTRUCTION'],
  ['a vote withdrawal', call(VOTE, [cast.vote, THIEF, K], u32(3), u64(1000n)), 'OPAQUE_INSTRUCTION'],
];

const world = createWorld(cast, new Random(5), true);
/** The world of the loss test, with what these attempts need beyond it. */
const states = new Map<Pubkey, VmAccount>(world.accounts);
const put = (address: Pubkey, program: Pubkey, data: Buffer, lamports = 3_000_000n): void => {
  states.set(address, { lamports, owner: pubkeyBytes(program), data });
};
const held = world.accounts.get(OWN);
if (held === undefined) throw new Error('the key has no account');
states.set(OWN, { ...held, lamports: held.lamports + 1_000_000n });
put(UNDECLARED, T22, mintAccount(THIEF, 6));
put(FAKE_MINT, FAKE, mintAccount(THIEF, 6));
put(FAKE_ACCOUNT, FAKE, tokenAccount({ mint: FAKE_MINT, owner: K, amount: 1000n }));
put(cast.oldTable, TABLES, lookupTable(K, [cast.payer], 2n));
put(OPEN_TABLE, TABLES, lookupTable(K, [cast.payer], null));
put(AUXILIARY, T, tokenAccount({ mint: MINT.mint, owner: K, amount: 5000n }));
put(cast.vote, VOTE, voteAccount(THIEF, K), 1_000_000_000n);

const vm = new Vm();
afterAll(() => vm.stop());

/** Whether the chain did it, and what the key lost beyond a fee. */
async function run(
  instruction: TestInstruction,
): Promise<{ ok: boolean; error: unknown; poorer: boolean; codes: string[] }> {
  const { bytes, assessment, codes } = judged(instruction);
  const watch = [...states.keys()];
  const [steps] = await vm.run([
    {
      accounts: [...states].map(([address, account]) => ({ address: pubkeyBytes(address), ...account })),
      clones: [{ from: pubkeyBytes(T), to: pubkeyBytes(FAKE) }],
      steps: [bytes],
      watch: watch.map((address) => pubkeyBytes(address)),
    },
  ]);
  const step = steps?.[0];
  const after = new Map(watch.map((address, index) => [address, step?.accounts[index] ?? null]));
  const fee = new Map([['SOL', chainFee(assessment.message)]]);
  const lost = shortfall(holdings(cast.owner, states), holdings(cast.owner, after), fee, 0, 'counted');
  return { ok: step?.ok === true, error: step?.error, poorer: lost !== null, codes };
}

describe('I2, I6: what is refused is what a thief would do', () => {
  it.each(poorer)('%s', async (_name, instruction, code) => {
    const { codes, ...done } = await run(instruction);
    expect(done).toEqual({ ok: true, error: undefined, poorer: true });
    expect(codes).toEqual([code]);
  });
  it.each(lasting)('%s, which lasts', async (_name, instruction, code) => {
    const { codes, ...done } = await run(instruction);
    expect(done).toMatchObject({ ok: true });
    expect(codes).toEqual([code]);
  });
});
