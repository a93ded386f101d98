import type { Envelope } from './entries.js';

/** Windows the fold keeps for every key and unit, limited or not. */
export const WINDOWS = ['1m', '10m', '1h', '24h', '7d', '30d'] as const;
export type WindowName = (typeof WINDOWS)[number];

/** Whose meter it is, below a key (base58): what the key spent for one workload, or on one account (base58). */
export type Subject =
  | { readonly kind: 'workload'; readonly publicKey: string; readonly workload: string }
  | { readonly kind: 'destination'; readonly publicKey: string; readonly destination: string };

/** What an accepted attestation says, read from the statement bytes in the ledger. */
export interface AttestationRecord {
  readonly id: string;
  readonly workload: string;
  readonly keys: readonly { readonly id: string; readonly publicKey: string }[];
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly epoch: number;
  /** Sequence of the statement entry. */
  readonly sequence: number;
  /** Base58 possession key. */
  readonly possession?: string;
  readonly challenge?: { readonly size: number; readonly root: string; readonly time: number };
  readonly scope?: AttestationScope;
  /** Authorizations made under it, repeats excluded. */
  readonly used: number;
  /** Why it no longer holds; null while it does (expiry is the reader's to check). */
  readonly revoked: string | null;
}

/** Narrower than the policy, never wider. Amounts in base units, decimal strings. */
export interface AttestationScope {
  readonly limits?: readonly { readonly asset: string; readonly perTransaction: string }[];
  readonly programs?: readonly string[];
  readonly destinations?: readonly string[];
  readonly uses?: number;
  /** SHA-256 hex of the one message it is good for. */
  readonly message?: string;
}

export interface FreezeRecord {
  /** Hash of the freeze entry: what an unfreeze statement names. */
  readonly hash: string;
  readonly sequence: number;
  /** Null: every key. */
  readonly publicKey: string | null;
  readonly reason: string;
  readonly time: number;
}

export interface PolicyRecord {
  readonly sha256: string;
  readonly serial: number;
  readonly id: string;
  readonly sequence: number;
  readonly statement: Envelope;
}

/** The Sovereign accepted a ledger that an anchor contradicted. */
export interface RollbackRecord {
  /** Of the statement's entry. A vote key needs a watermark from a later one. */
  readonly sequence: number;
  /** Milliseconds. Statements issued until then are void, and windows count as full from then on. */
  readonly time: number;
}

/** Read side of the fold. Every answer is a function of the entries (and of `now` where it is asked). */
export interface State {
  /** Number of entries. */
  readonly size: number;
  /** Hash of the last entry, 64 hex. */
  readonly head: string;
  /** Milliseconds of the last entry. */
  readonly time: number;
  readonly origin: string;
  /** Ledger key, base58. */
  readonly ledgerKey: string;
  /** RFC 6962 root over the entry hashes, base64. */
  root(): string;
  /**
   * The root when the ledger had `size` entries, with the last entry's time; null when it is not remembered.
   * Remembered are the heads that `challenge` gives out, for at least seven days, and the present one.
   */
  rootAt(size: number): { readonly root: string; readonly time: number } | null;
  /**
   * The newest head that will be remembered, at most 10 s older than the last entry: what to hand out as a
   * challenge. (The very newest head is forgotten as soon as an entry follows it.) A `tick` entry makes it the
   * very newest.
   */
  challenge(): { readonly size: number; readonly root: string; readonly time: number };
  readonly policy: PolicyRecord | null;
  /** Whether anything was authorized since the policy in force, or a rollback after it, was accepted. */
  readonly authorizedUnderPolicy: boolean;
  /** The newest accepted rollback. */
  readonly rollback: RollbackRecord | null;
  /** Whether an accepted rollback gave up the history of this checkpoint (root base64). */
  voidedCheckpoint(size: number, root: string): boolean;
  /** What a window holds now, oldest bucket counted whole: never less than the true rolling sum. Base units. */
  spent(publicKey: string, unit: string, window: WindowName, now: number): bigint;
  /** The earliest time (ms) at which the window will hold at most `room`; null when never by draining. */
  drainsTo(publicKey: string, unit: string, window: WindowName, room: bigint, now: number): number | null;
  /**
   * The same below a key. Each window keeps 4,096 workloads and as many destinations of a key and unit; what
   * others spend goes into one sum that is added to every answer. May be too much, never too little.
   */
  spentBy(subject: Subject, unit: string, window: WindowName, now: number): bigint;
  drainsToBy(subject: Subject, unit: string, window: WindowName, room: bigint, now: number): number | null;
  /** Attestations not revoked and not expired at `now`, for a workload and a public key, newest first. */
  attestations(workload: string, publicKey: string, now: number): readonly AttestationRecord[];
  /** The newest for the pair that is remembered, dead or alive: to say why none is live. */
  lastAttestation(workload: string, publicKey: string): AttestationRecord | null;
  attestation(id: string): AttestationRecord | null;
  /** Neither revoked nor expired; newest first. */
  allAttestations(now: number): readonly AttestationRecord[];
  /** Whether a statement id was ever consumed (or revoked before it came); forgotten a day after it expired. */
  statementUsed(id: string): boolean;
  /** The freeze that holds for this key now, if any. */
  frozen(publicKey: string): FreezeRecord | null;
  freezes(): readonly FreezeRecord[];
  retired(publicKey: string): boolean;
  /** Set when a signature of this key failed verification (docs/architecture/hsm.md). */
  latched(publicKey: string): boolean;
  workloadRevoked(workload: string, attestationIssuedAt: number): boolean;
  /**
   * The authorization of these very bytes, by the same key, workload and purpose, within the last 10 minutes.
   * `messageHash` is hex SHA-256.
   */
  repeats(
    publicKey: string,
    workload: string,
    purpose: string,
    messageHash: string,
    now: number,
  ): number | null;
  /** Bytes of ledger that the requests of one uid filled in the last 24 hours, outcomes included. */
  filledBy(uid: number, now: number): number;
  /** The earliest time (ms) at which that is at most `room`; null when never. */
  filledDrainsTo(uid: number, room: number, now: number): number | null;
  /** Whether this sequence is an authorization without an outcome. */
  isOpen(authorization: number): boolean;
  /** Authorizations without an outcome. */
  open(): readonly number[];
}
