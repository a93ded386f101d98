import type { Pubkey } from '../core/pubkey.js';

/** A transaction message as the strict reader found it. Immutable; `bytes` are what a signature covers. */
export interface Message {
  readonly version: 'legacy' | 0 | 1;
  /** The exact bytes to sign, a view of the input. */
  readonly bytes: Uint8Array;
  /** Static account keys, signers first. */
  readonly accounts: readonly Pubkey[];
  readonly signatures: number;
  readonly readonlySigned: number;
  readonly readonlyUnsigned: number;
  /** The blockhash field: a recent blockhash or a nonce value. */
  readonly lifetime: Pubkey;
  readonly instructions: readonly Instruction[];
  readonly lookups: readonly Lookup[];
  /** The v1 header's settings; absent for legacy and v0. */
  readonly config?: MessageConfig;
}

export interface Instruction {
  readonly index: number;
  readonly program: Pubkey;
  /** Indices into static accounts, then all writable loaded, then all readonly loaded. */
  readonly accounts: readonly number[];
  readonly data: Uint8Array;
}

export interface Lookup {
  readonly table: Pubkey;
  readonly writable: readonly number[];
  readonly readonly: readonly number[];
}

/** v1 (SIMD-0385): priority fee in lamports, limits in compute units and bytes; unset limits are 0 on chain. */
export interface MessageConfig {
  readonly priorityFee?: bigint;
  readonly computeUnitLimit?: number;
  readonly loadedDataLimit?: number;
  readonly heapSize?: number;
}

/** A wire transaction: the message and where each signature slot lies. */
export interface Transaction {
  readonly bytes: Uint8Array;
  readonly message: Message;
  /** Byte offset of signature slot 0; slot i lies 64·i further. */
  readonly signaturesOffset: number;
}
