import { ChanceryError } from '../core/errors.js';
import type { EntryBody } from './entries.js';
import type { State } from './state.js';

/** What `decide` wants written, and what the caller gets when that is durable. */
export interface Decision<Result> {
  readonly entries: readonly EntryBody[];
  readonly result: Result;
}

export interface Written {
  readonly sequence: number;
  /** 64 hex. */
  readonly hash: string;
}

export interface Receipt<Result> {
  readonly result: Result;
  readonly written: readonly Written[];
}

/** The only way to append (I5). */
export interface Ledger {
  /** `chancery.local/<name>/<16 hex>`. */
  readonly origin: string;
  /** The fold of every entry appended so far, those not yet durable included. Read it, never keep it. */
  readonly state: State;
  /**
   * Calls `decide` once, synchronously, with the newest state and the ledger's time (ms, never before the last
   * entry's), appends its entries with nothing in between, and resolves when they are durable. A decision
   * without entries resolves at once. What `decide` throws is rejected and nothing is written. `decide` MUST be
   * pure: it must not start anything that depends on its entries being durable.
   *
   * Rejects with LEDGER_UNAVAILABLE after any failed write or sync, for good in this process; while the disk is
   * full, for entries that widen (the reserve is kept for outcomes, freezes and revocations). Rejects with
   * INTERNAL, and writes nothing, when an entry is longer than 65,535 bytes: deciders ask `entryFits` first.
   */
  transact<Result>(decide: (state: State, now: number) => Decision<Result>): Promise<Receipt<Result>>;
  /**
   * Resolves when everything appended so far is durable; a head seen before the call may then be vouched for.
   * Rejects with LEDGER_UNAVAILABLE when a write failed.
   */
  durable(): Promise<void>;
  /** Null while healthy, else why nothing can be written any more in this process. */
  readonly unavailable: string | null;
  /** Null unless the disk has not answered a write for seconds. What waits goes on by itself when it does. */
  readonly stalled: string | null;
  /** Null while a further segment is at hand, else why none is. Signing goes on in the one in use. */
  readonly full: string | null;
  /** Whether that one is used up to the reserve: only outcomes, freezes and revocations are written. */
  readonly reserved: boolean;
  /** To be called now and then: tries again to make a further segment, at most once a second. */
  makeRoom(): void;
  /** Stores bytes under their SHA-256 (hex, returned) in blobs/, durable when it resolves. */
  putBlob(bytes: Uint8Array): Promise<string>;
  /** Null when absent; throws LEDGER_DAMAGED when the bytes do not hash to their name. */
  getBlob(sha256: string): Promise<Uint8Array | null>;
  /** Waits for what is in flight, releases the lock. */
  close(): Promise<void>;
}

/** Appends the one entry that is decided on the newest state; where that stands, once it is durable. */
export async function appendOne(
  ledger: Pick<Ledger, 'transact'>,
  decide: (state: State, now: number) => EntryBody,
): Promise<Written> {
  const { written } = await ledger.transact((state, now) => ({
    entries: [decide(state, now)],
    result: undefined,
  }));
  const [entry] = written;
  if (entry === undefined) throw new ChanceryError('INTERNAL', 'the entry was not written');
  return entry;
}
