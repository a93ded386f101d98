import { afterAll, describe, expect, it } from 'vitest';
import { pubkeyBytes, wellKnown, type Pubkey } from '../../../src/core/pubkey.js';
import { assess } from '../../../src/solana/assess.js';
import type { Assessment } from '../../../src/solana/assessment.js';
import { deriveAssociatedTokenAccount } from '../../../src/solana/derive.js';
import { PROGRAM_IDS } from '../../../src/solana/program-names.js';
import { readTransaction } from '../../../src/solana/read-transaction.js';
import {
  compile,
  computeUnitLimit,
  key,
  u32,
  u64,
  wire,
  type TestInstruction,
} from '../../support/solana-build.js';
import { chainFee } from '../../support/solana-loss/chain-fee.js';
import { shortfall } from '../../support/solana-loss/check.js';
import { lookupTable, mintAccount, tokenAccount, voteAccount } from '../../support/solana-loss/layouts.js';
import { Random } from '../../support/solana-loss/random.js';
import { widestContext } from '../../support/solana-loss/scenario.js';
import { holdings } from '../../support/solana-loss/value.js';
import { ASSETS, createCast, createWorld, SEED } from '../../support/solana-loss/world.js';
import { Vm, type VmAccount } from '../../support/solana-svm.js';

/**
 * What a policy that allows every program must still refuse, each executed: the chain does it, and the key is poorer
 * by more than a fee. So a rule that is gone is one that a thief can use, not one that was only ever a sentence.
 */
const cast = createCast(3);
const world = createWorld(cast, new Random(5), true);
const { key: K, attacker: THIEF } = cast;
const [WRAPPED, OWN, OWN_22] = cast.ata;
const [, AUXILIARY] = cast.auxiliary;
const [, JOINT] = cast.joint;
const [, theirs, theirs22] = cast.theirs;
const [, mint, mint22] = ASSETS;
const [STAKE_ACCOUNT] = cast.stakes;
if (!WRAPPED || !OWN || !OWN_22 || !AUXILIARY || !JOINT || !theirs || !theirs22 || !mint || !mint22) {
  throw new Error('the cast is incomplete');
}
const { system: SYSTEM, token: T, 'token-2022': T22, stake: STAKE } = PROGRAM_IDS;
const TABLES = PROGRAM_IDS['address-lookup-table'];
const ATA = PROGRAM_IDS['associated-token'];
const VOTE = wellKnown('Vote111111111111111111111111111111111111111');
const CLOCK = wellKnown('SysvarC1ock11111111111111111111111111111111');
const RENT = wellKnown('SysvarRent111111111111111111111111111111111');
const BLOCKHASHES = wellKnown('SysvarRecentB1ockHashes11111111111111111111');
/** The Token program's code at an address nobody knows. */
const FAKE = key(7001);
const FAKE_MINT = key(7002);
const FAKE_ACCOUNT = key(7003);
const OPEN_TABLE = key(7005);
/** A Token-2022 mint the policy says nothing about. */
const UNDECLARED = key(7004);

function call(
  program: Pubkey,
  accounts: readonly Pubkey[],
  ...data: readonly (number | Uint8Array)[]
): TestInstruction {
  const parts = data.map((part) => (typeof part === 'number' ? Uint8Array.of(part) : part));
  return { program, accounts, data: Buffer.concat(parts) };
}

function batch(program: Pubkey, ...inner: readonly TestInstruction[]): TestInstruction {
  const data = inner.flatMap((each) => [Buffer.of(each.accounts.length, each.data.length), each.data]);
  return call(
    program,
    inner.flatMap(({ accounts }) => accounts),
    255,
    ...data,
  );
}

const thief = pubkeyBytes(THIEF);
const seed = [u64(BigInt(SEED.length)), SEED];
const base = pubkeyBytes(K);
const NO = 'INSTRUCTION_NOT_ALLOWED';
const approve = (program: Pubkey, from: Pubkey): TestInstruction =>
  call(program, [from, THIEF, K], 4, u64(1000n));
const create = (program: Pubkey, of: Pubkey): TestInstruction =>
  call(ATA, [K, deriveAssociatedTokenAccount(K, program, of), K, of, SYSTEM, program], 1);

type Attempt = readonly [string, TestInstruction, string];

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
  ['ApproveChecked', call(T, [OWN, mint.mint, THIEF, K], 13, u64(1000n), mint.decimals), NO],
  ['Approve as member of a multisig', call(T, [JOINT, THIEF, cast.multisig, K, THIEF], 4, u64(1000n)), NO],
  ['Approve in a Batch', batch(T, approve(T, OWN)), NO],
  ['Approve in a Batch of Token-2022', batch(T22, approve(T22, OWN_22)), NO],
  ['SetAuthority of the owner', call(T, [OWN, K], 6, 2, 1, thief), NO],
  ['SetAuthority to close', call(T, [OWN, K], 6, 3, 1, thief), NO],
  ['Burn', call(T, [OWN, mint.mint, K], 8, u64(1000n)), NO],
  ['BurnChecked', call(T22, [OWN_22, mint22.mint, K], 15, u64(1000n), mint22.decimals), NO],
  ['CloseAccount', call(T, [WRAPPED, THIEF, K], 9), NO],
  ['UnwrapLamports of all', call(T, [WRAPPED, THIEF, K], 45, 0), NO],
  ['UnwrapLamports of some', call(T, [WRAPPED, THIEF, K], 45, 1, u64(1000n)), NO],
  ['WithdrawExcessLamports', call(T, [OWN, THIEF, K], 38), NO],
  ['Transfer of an unknown mint', call(T, [AUXILIARY, theirs, K], 3, u64(1000n)), NO],
  ['Reallocate', call(T22, [theirs22, K, SYSTEM, THIEF], 29, 8, 0), NO],
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
put(AUXILIARY, T, tokenAccount({ mint: mint.mint, owner: K, amount: 5000n }));
put(cast.vote, VOTE, voteAccount(THIEF, K), 1_000_000_000n);

/** Refused all the same: the chain refuses it today, or only a state this world lacks would show it. */
const unshown: readonly Attempt[] = [
  ['a false token program, which could choose a size', create(FAKE, FAKE_MINT), NO],
  ['CreateAccount over the key', call(SYSTEM, [THIEF, K], u32(0), u64(0n), u64(0n), thief), NO],
  [
    'CreateAccountWithSeed over the key',
    call(SYSTEM, [THIEF, K], u32(3), thief, ...seed, u64(0n), u64(0n), thief),
    NO,
  ],
  ['InitializeNonceAccount', call(SYSTEM, [K, BLOCKHASHES, RENT], u32(6), thief), NO],
  ['a system instruction of tomorrow', call(SYSTEM, [K], u32(14)), NO],
  ['MintTo', call(T, [mint.mint, theirs, K], 7, u64(1n)), NO],
  ['MintToChecked', call(T, [mint.mint, theirs, K], 14, u64(1n), 6), NO],
  ['FreezeAccount', call(T, [OWN, mint.mint, K], 10), NO],
  ['ThawAccount', call(T, [OWN, mint.mint, K], 11), NO],
  ['InitializeMint', call(T, [K, RENT], 0, 6, thief, 0, Buffer.alloc(32)), NO],
  ['InitializeMint2', call(T, [K], 20, 6, thief, 0), NO],
  ['InitializeMultisig', call(T, [OWN, RENT, K], 2, 1), NO],
  ['InitializeMultisig2', call(T, [OWN, K], 19, 1), NO],
  ['a token instruction of tomorrow', call(T, [OWN, K], 46), NO],
  ['RecoverNested', call(ATA, [OWN, mint.mint, WRAPPED, OWN, mint.mint, K, T], 2), NO],
  ['an associated account instruction of tomorrow', call(ATA, [K, OWN, K, mint.mint, SYSTEM, T], 3), NO],
  ['AuthorizeWithSeed', call(STAKE, [STAKE_ACCOUNT, K, CLOCK], u32(8), thief, u32(1), ...seed, base), NO],
  [
    'AuthorizeCheckedWithSeed',
    call(STAKE, [STAKE_ACCOUNT, K, CLOCK, THIEF], u32(11), u32(1), ...seed, base),
    NO,
  ],
  ['DeactivateDelinquent', call(STAKE, [K, cast.vote, cast.vote], u32(14)), NO],
  ['Redelegate, which was 15', call(STAKE, [STAKE_ACCOUNT, cast.vote, K], u32(15)), NO],
  ['a lookup table instruction of tomorrow', call(TABLES, [OPEN_TABLE, K], u32(5)), NO],
  ['a compute budget instruction of tomorrow', call(PROGRAM_IDS['compute-budget'], [], 5, u64(1n)), NO],
  ['accounts for a signature check', call(PROGRAM_IDS.ed25519, [K], 0, 0), NO],
  ['a signature check cut short', call(PROGRAM_IDS.secp256k1, [], 1), NO],
  [
    'accounts for a transfer hook',
    call(T22, [OWN_22, mint22.mint, theirs22, K, FAKE], 12, u64(1n), mint22.decimals),
    NO,
  ],
  [
    'accounts for the hook of a transfer with a fee',
    call(T22, [OWN_22, mint22.mint, theirs22, K, FAKE], 26, 1, u64(1n), mint22.decimals, u64(0n)),
    NO,
  ],
  // Every extension, and those inside that the fee extension does not share with a plain transfer.
  ...[25, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 39, 40, 41, 42, 43, 44, 46].map((tag): Attempt => [
    `extension ${String(tag)} of Token-2022`,
    call(T22, [OWN_22, K], tag, 0),
    NO,
  ]),
  ...[0, 2, 3, 4, 5].map((tag): Attempt => [
    `instruction ${String(tag)} of transfer fees`,
    call(T22, [OWN_22, K], 26, tag),
    NO,
  ]),
  ['a confidential transfer', call(T22, [OWN_22, mint22.mint, theirs22, K], 27, 7, Buffer.alloc(40)), NO],
  ['a confidential transfer with a fee', call(T22, [OWN_22, mint22.mint, theirs22, K], 27, 13), NO],
];

const context = widestContext(cast);
const vm = new Vm();
afterAll(() => vm.stop());

function judged(instruction: TestInstruction): { bytes: Buffer; assessment: Assessment; codes: string[] } {
  const signers = [K, ...[THIEF].filter((each) => instruction.accounts.includes(each))];
  const message = compile('legacy', signers, [computeUnitLimit(400_000), instruction]);
  const bytes = wire('legacy', message, signers.length);
  const assessment = assess(readTransaction(bytes).message, context);
  const codes = assessment.instructions.flatMap(({ refusals }) => refusals.map(({ code }) => code));
  return { bytes, assessment, codes };
}

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
  it.each(unshown)('%s', (_name, instruction, code) => {
    expect(judged(instruction).codes).toEqual([code]);
  });
});
