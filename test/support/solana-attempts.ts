import { pubkeyBytes, wellKnown, type Pubkey } from '../../src/core/pubkey.js';
import { assess } from '../../src/solana/assess.js';
import type { Assessment } from '../../src/solana/assessment.js';
import { deriveAssociatedTokenAccount } from '../../src/solana/derive.js';
import { PROGRAM_IDS } from '../../src/solana/program-names.js';
import { readTransaction } from '../../src/solana/read-transaction.js';
import { call, compile, computeUnitLimit, key, u64, wire, type TestInstruction } from './solana-build.js';
import { widestContext } from './solana-loss/scenario.js';
import { ASSETS, createCast, SEED } from './solana-loss/world.js';

/** One cast of the loss test, and what a thief would have its key sign under a policy that allows every program. */
export const cast = createCast(3);
export const { key: K, attacker: THIEF } = cast;

function held<T>(item: T | undefined): T {
  if (item === undefined) throw new Error('the cast is incomplete');
  return item;
}
export const [WRAPPED, OWN, OWN_22] = [0, 1, 2].map((index) => held(cast.ata[index])) as [
  Pubkey,
  Pubkey,
  Pubkey,
];
export const AUXILIARY = held(cast.auxiliary[1]);
export const JOINT = held(cast.joint[1]);
export const THEIRS = held(cast.theirs[1]);
export const THEIRS_22 = held(cast.theirs[2]);
export const MINT = held(ASSETS[1]);
export const MINT_22 = held(ASSETS[2]);
export const [STAKE_ACCOUNT] = cast.stakes;

export const { system: SYSTEM, token: T, 'token-2022': T22, stake: STAKE } = PROGRAM_IDS;
export const TABLES = PROGRAM_IDS['address-lookup-table'];
export const ATA = PROGRAM_IDS['associated-token'];
export const CLOCK = wellKnown('SysvarC1ock11111111111111111111111111111111');
export const RENT = wellKnown('SysvarRent111111111111111111111111111111111');
export const BLOCKHASHES = wellKnown('SysvarRecentB1ockHashes11111111111111111111');
/** The Token program's code at an address nobody knows. */
export const FAKE = key(7001);
export const FAKE_MINT = key(7002);
export const OPEN_TABLE = key(7005);

export const thief = pubkeyBytes(THIEF);
export const base = pubkeyBytes(K);
export const seed = [u64(BigInt(SEED.length)), SEED];
export const NO = 'INSTRUCTION_NOT_ALLOWED';

/** What it is, the instruction, and the code it must be refused with. */
export type Attempt = readonly [string, TestInstruction, string];

export const approve = (program: Pubkey, from: Pubkey): TestInstruction =>
  call(program, [from, THIEF, K], 4, u64(1000n));
export const create = (program: Pubkey, of: Pubkey): TestInstruction =>
  call(ATA, [K, deriveAssociatedTokenAccount(K, program, of), K, of, SYSTEM, program], 1);

export const context = widestContext(cast);

export function codesOf({ instructions, refusals }: Assessment): string[] {
  return [...refusals, ...instructions.flatMap((each) => each.refusals)].map(({ code }) => code);
}

/** What the signer says of one instruction that the key pays for, the thief signing where he is named. */
export function judged(instruction: TestInstruction): {
  bytes: Buffer;
  assessment: Assessment;
  codes: string[];
} {
  const signers = [K, ...[THIEF].filter((each) => instruction.accounts.includes(each))];
  const message = compile('legacy', signers, [computeUnitLimit(400_000), instruction]);
  const bytes = wire('legacy', message, signers.length);
  const assessment = assess(readTransaction(bytes).message, context);
  return { bytes, assessment, codes: codesOf(assessment) };
}
