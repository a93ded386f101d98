import type { Failure } from '../core/errors.js';
import type { Pubkey } from '../core/pubkey.js';
import type { DeclaredProgram } from './declared/declared-program.js';
import type { Message } from './message.js';

/** What an amount is denominated in. A token is named by program and mint, never by symbol. */
export type Asset =
  { readonly kind: 'sol' } | { readonly kind: 'token'; readonly program: Pubkey; readonly mint: Pubkey };

/** Why value leaves. */
export type DebitReason = 'transfer' | 'create-account' | 'rent' | 'wrap' | 'burn' | 'stake' | 'declared';

/** The most that one instruction can take from the key, in base units of the asset. */
export interface Debit {
  readonly asset: Asset;
  readonly amount: bigint;
  readonly reason: DebitReason;
  /** The account that pays. */
  readonly source: Pubkey;
  /**
   * Who receives it: the account the destination rule is about (for rent of an associated token account, the
   * wallet it is made for). Null where nobody else does (burn; an account opened for the key itself).
   */
  readonly destination: Pubkey | null;
  /** The destination is derived as the key's own; whether it counts is the policy's word (`ownAccounts`). */
  readonly own: boolean;
}

/** One instruction (or one inner instruction of a Batch), understood. */
export interface InstructionReport {
  readonly index: number;
  readonly inner?: number;
  readonly program: Pubkey;
  /** The policy's name for the program: `system`, `token`, … or null when unknown. */
  readonly programName: string | null;
  /** e.g. `Transfer`; null when not understood. */
  readonly name: string | null;
  readonly debits: readonly Debit[];
  /** Accounts that must satisfy the destination rule though they receive no amount (e.g. a refund address). */
  readonly destinations: readonly Pubkey[];
  /** Whether the key is among the instruction's accounts. */
  readonly touchesKey: boolean;
  /** What this instruction is refused for whatever the policy says, unless the policy names an exception. */
  readonly refusals: readonly Failure[];
  /**
   * The key and its own accounts that a declared program can reach here: all of them could be taken if its code
   * did not keep its word. Absent for programs with rules of their own.
   */
  readonly exposed?: readonly Pubkey[];
  /** Facts for people, in order: `amount`, `to`, `memo`, …; values are unescaped. */
  readonly details: readonly (readonly [string, string])[];
}

/** The fee the key can be made to pay, in lamports: an upper bound, not the expected fee. */
export interface FeeBound {
  /** Whether the key is account 0. When false the key pays nothing. */
  readonly payer: boolean;
  readonly base: bigint;
  readonly priority: bigint;
  /** base + priority; 0 when the key does not pay. */
  readonly lamports: bigint;
  /** Signatures the chain charges for, those that precompiles verify included. */
  readonly signatures: bigint;
  /** Compute units the bound assumes, and whether the transaction sets that limit itself. */
  readonly units: bigint;
  readonly unitsSet: boolean;
  /** Micro-lamports a unit; null for v1, whose header names the priority fee itself. */
  readonly price: bigint | null;
}

/** Everything the policy needs to know about a message, for one key. Pure function of bytes and key context. */
export interface Assessment {
  readonly message: Message;
  /** The key's signer slot, or null when it is not a required signer. */
  readonly slot: number | null;
  readonly instructions: readonly InstructionReport[];
  readonly fee: FeeBound;
  /** Refusals of the message as a whole: not a signer, too many instructions, durable nonce, lookup. */
  readonly refusals: readonly Failure[];
}

/**
 * What the assessment needs to know of a key beforehand: derived once per policy load, since deriving an
 * address costs 100 µs.
 */
export interface KeyContext {
  readonly key: Pubkey;
  /** The key's associated token accounts for every declared asset, and for wrapped SOL. */
  readonly ownTokenAccounts: ReadonlyMap<Pubkey, { readonly program: Pubkey; readonly mint: Pubkey }>;
  /** Declared mints by `program:mint`. */
  readonly mints: ReadonlyMap<string, DeclaredMint>;
  /** Pinned contents of lookup tables by address. */
  readonly tables: ReadonlyMap<Pubkey, readonly Pubkey[]>;
  /** Lamports for the rent of one Token account (165 bytes); other sizes are counted in proportion. */
  readonly tokenAccountRent: bigint;
  /** Stake instructions the key may use; absent: `PLAIN_STAKE_INSTRUCTIONS`. Authorities never change hands. */
  readonly stake?: ReadonlySet<StakeInstruction>;
  /** Programs the policy declares, by id; a program of the closed list is never among them. */
  readonly declared?: ReadonlyMap<Pubkey, DeclaredProgram>;
}

export type StakeInstruction =
  | 'Initialize'
  | 'InitializeChecked'
  | 'DelegateStake'
  | 'Deactivate'
  | 'Withdraw'
  | 'Split'
  | 'Merge'
  | 'MoveStake'
  | 'MoveLamports';

export interface DeclaredMint {
  readonly program: Pubkey;
  readonly mint: Pubkey;
  readonly decimals: number;
  /** Lamports of rent for one account of this mint when larger than usual (Token-2022 extensions). */
  readonly accountRent?: bigint;
}
