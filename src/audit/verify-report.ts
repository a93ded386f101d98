import type { EntryType } from '../ledger/entries.js';
import type { CosignedCheckpoint } from './check/witness-check.js';
import type { Damage } from './read/damage.js';

/** Entries at the beginning whose segments are nowhere, but whose hashes are under a signed checkpoint. */
export interface Absent {
  /** Entries 0 up to but without this one. */
  readonly entries: number;
  /** Name of the first segment there is. */
  readonly until: string;
  /** What could not be checked of the entries that are there, since it takes those that are not. */
  readonly unchecked: readonly string[];
}

export interface VerifyReport {
  /** Everything was there to be verified, and nothing wrong was found. */
  readonly sound: boolean;
  /** By sequence, tiles last, at most 100; the first decides the exit code. */
  readonly damages: readonly Damage[];
  readonly damageCount: number;
  /** Null when the ledger is there from its first entry on. */
  readonly absent: Absent | null;
  /** Entries found sound, up to the first damage of the chain. */
  readonly entries: number;
  readonly bytes: number;
  readonly segments: number;
  readonly origin: string | null;
  /** Base58. */
  readonly ledgerKey: string | null;
  /** Whether the ledger key was given by the caller. */
  readonly pinned: boolean;
  /** Hash of the last entry, hex, and RFC 6962 root, base64. */
  readonly head: string | null;
  readonly root: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly counts: Readonly<Partial<Record<EntryType, number>>>;
  /** Ed25519 signatures over logged messages that were verified. */
  readonly signatures: number;
  /** Sovereign statements verified. */
  readonly statements: number;
  readonly checkpoints: {
    /** The ledger's own, and those kept elsewhere. */
    readonly given: number;
    readonly retained: number;
    /** Those that this ledger meets. */
    readonly met: number;
    /** Those beside it that are of a history which the Sovereign gave up with an accepted rollback. */
    readonly voided: number;
  };
  readonly witnesses: {
    /** Whether the caller, or the policy in force at the end, asks for any. */
    readonly required: boolean;
    readonly cosigned: readonly CosignedCheckpoint[];
  };
  /** Tiles that were there and were compared. */
  readonly tiles: number;
  /** Authorizations still in flight at the end. */
  readonly open: readonly number[];
}
