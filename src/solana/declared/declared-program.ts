import type { Pubkey } from '../../core/pubkey.js';
import type { Layout } from './layout.js';

/**
 * A program the policy declares: what the Sovereign read in its IDL and answers for. Compiled once, when the
 * policy is loaded; what is counted holds as far as that program's code keeps its word.
 */
export interface DeclaredProgram {
  /** The policy's name for it, also the name in `programs`. */
  readonly name: string;
  readonly program: Pubkey;
  /** SHA-256 hex of the exact bytes of the IDL. */
  readonly idl: string;
  readonly instructions: readonly DeclaredInstruction[];
}

export interface DeclaredInstruction {
  readonly name: string;
  /** The data starts with these bytes. */
  readonly discriminator: Uint8Array;
  /** In order, after the discriminator; nothing may follow the last. */
  readonly arguments: readonly { readonly name: string; readonly layout: Layout }[];
  /** In order; an instruction with fewer accounts, or more than `remaining` beyond them, is refused. */
  readonly accounts: readonly { readonly name: string; readonly role: Role }[];
  /** How many accounts may follow the declared ones; none of them may be the key or its own. */
  readonly remaining: number;
  readonly spends: readonly Spend[];
  readonly bounds: readonly Bound[];
}

/**
 * Who must stand in an account's place: the key; one of its own associated token accounts; a fixed address; one
 * whom the destination rule admits; or anybody but the key and its own accounts.
 */
export type Role =
  | { readonly kind: 'key' }
  | { readonly kind: 'own' }
  | { readonly kind: 'fixed'; readonly address: Pubkey }
  | { readonly kind: 'destination' }
  | { readonly kind: 'other' };

/** What the instruction can take, of the asset that the source account holds. */
export interface Spend {
  /** The place of the paying account: role `own` (its asset) or `key` (SOL). */
  readonly source: number;
  /** An argument's name, or base units that are always counted (rent of accounts the program opens). */
  readonly amount: { readonly argument: string } | { readonly constant: bigint };
  /**
   * Counted only when a flag has this value; the flag must be an argument (direction of a swap). A value that no spend
   * waits for is refused, also when other spends are counted: that it takes nothing is said by a constant of 0.
   */
  readonly when?: { readonly argument: string; readonly equals: bigint };
}

/** A demand on an argument; integers and booleans (0 and 1) only. */
export interface Bound {
  readonly argument: string;
  readonly least?: bigint;
  readonly most?: bigint;
  /** argument × denominator ≥ `of` × numerator: at least so much out for what goes in. */
  readonly ratio?: { readonly of: string; readonly numerator: bigint; readonly denominator: bigint };
}
