import type { JsonValue } from '../core/canonical-json.js';

/**
 * The kinds of ledger entry, as plain data: exactly what stands on disk (amounts and sequences as decimal
 * strings, keys and signatures base58, times RFC 3339, bytes base64). Formats are fixed: auditors outside this
 * repository read them.
 *
 * On disk an entry is one line, `<64 hex hash> <entry JSON>\n`. The JSON is RFC 8785 (keys sorted, no white
 * space), at most 65,535 bytes of UTF-8, and never holds a NUL byte. The hash is SHA-256(0x00 ‖ the JSON bytes),
 * which is the RFC 6962 leaf hash: one hash serves the chain and the tree. Readers hash the stored bytes and
 * never re-encode.
 *
 * Lines stand in segments, `<first sequence, 12 digits>.ledger`. A segment is made of zero bytes and filled from
 * the front: zero bytes after its last line are its end, not damage. A segment that is closed in order is cut
 * to its last line.
 */
export interface EntryHead {
  /** Decimal, from 0. */
  readonly sequence: string;
  /** Hash of the entry before, 64 hex; 64 zeros for the first. */
  readonly previous: string;
  /** Never before the time of the entry before. */
  readonly time: string;
  /**
   * Sequence of the first entry of the same write to disk; absent on that first entry itself. Nothing is
   * acknowledged before the whole write is durable, so after a power cut it tells a hole in one torn write
   * (nothing lost) from a hole in acknowledged history (damage).
   */
  readonly batch?: string;
}

export type Entry = EntryHead & EntryBody;

export type EntryBody =
  | GenesisBody
  | StartBody
  | StopBody
  | PolicyBody
  | StatementBody
  | AuthorizationBody
  | SignatureBody
  | FailureBody
  | RecoveredBody
  | DenialBody
  | FreezeBody
  | UnfreezeBody
  | RevocationBody
  | KeyBody
  | SnapshotBody
  | TickBody
  | RepairBody
  | AlertBody;

export type EntryType = EntryBody['type'];

/** Keyed by every type, so that a new kind of entry cannot be forgotten here. */
const TYPES: Readonly<Record<EntryType, true>> = {
  genesis: true,
  start: true,
  stop: true,
  policy: true,
  statement: true,
  authorization: true,
  signature: true,
  failure: true,
  recovered: true,
  denial: true,
  freeze: true,
  unfreeze: true,
  revocation: true,
  key: true,
  snapshot: true,
  tick: true,
  repair: true,
  alert: true,
};

export const ENTRY_TYPES: readonly string[] = Object.keys(TYPES);

export function isEntryType(text: string): text is EntryType {
  return Object.hasOwn(TYPES, text);
}

/** A Sovereign statement as it was submitted: payload base64 of the signed bytes. */
export interface Envelope {
  readonly payload: string;
  readonly signatures: readonly EnvelopeSignature[];
}

export interface EnvelopeSignature {
  readonly authority: string;
  readonly scheme: string;
  readonly signature: string;
}

export interface GenesisBody {
  readonly type: 'genesis';
  readonly origin: string;
  /** The ledger key, base58. */
  readonly publicKey: string;
  readonly statement: Envelope;
}

export interface StartBody {
  readonly type: 'start';
  readonly boot: string;
  readonly version: string;
  /** SHA-256 of each PKCS#11 module, by token name. */
  readonly modules: { readonly [token: string]: string };
}

export interface StopBody {
  readonly type: 'stop';
  readonly reason: string;
}

/** A policy came into force. Its bytes are in blobs/ under `sha256`. */
export interface PolicyBody {
  readonly type: 'policy';
  readonly sha256: string;
  readonly serial: number;
  /** Statement id. */
  readonly id: string;
  readonly statement: Envelope;
}

/** An accepted statement that opens or sets something: attestation, approval, watermark. */
export interface StatementBody {
  readonly type: 'statement';
  /** `attestation`, `approval`, … */
  readonly kind: string;
  readonly id: string;
  /** Authorities whose signatures counted. */
  readonly authorities: readonly string[];
  readonly statement: Envelope;
  /** With an accepted rollback: the checkpoints in anchors that contradicted the ledger, and count no more. */
  readonly voided?: readonly VoidedCheckpoint[];
}

export interface VoidedCheckpoint {
  /** Entries, decimal. */
  readonly size: string;
  /** Base64. */
  readonly root: string;
}

export interface PeerRecord {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  readonly exe: string;
}

/** One amount counted against limits. Units: `SOL` (lamports), an asset's name, `fee` (lamports), `transactions`. */
export interface Counted {
  readonly unit: string;
  readonly amount: string;
}

export interface AuthorizationBody {
  readonly type: 'authorization';
  /** Request id, also in the reply and the log. */
  readonly request: string;
  readonly purpose: 'transaction' | 'vote';
  readonly key: string;
  readonly publicKey: string;
  /** Base64 of the exact bytes that go to the token. */
  readonly message: string;
  readonly workload: string;
  readonly peer: PeerRecord;
  /** Id of the attestation that opened the key. */
  readonly attestation: string;
  readonly approval?: string;
  /** Digest of the policy it was judged by. */
  readonly policy: string;
  /** Plain-data form of the assessment's instructions. */
  readonly effects: readonly JsonValue[];
  /** Lamports, decimal. */
  readonly fee: string;
  /** Empty for a repeat. */
  readonly counted: readonly Counted[];
  /** Sequence of the authorization whose bytes these are. */
  readonly repeats?: string;
}

export interface SignatureBody {
  readonly type: 'signature';
  /** Sequence of the authorization. */
  readonly authorization: string;
  readonly signature: string;
}

export interface FailureBody {
  readonly type: 'failure';
  readonly authorization: string;
  readonly code: string;
}

export interface RecoveredBody {
  readonly type: 'recovered';
  readonly authorization: string;
}

export interface DenialBody {
  readonly type: 'denial';
  readonly key?: string;
  readonly workload: string;
  /** Of the caller: its share of the ledger is counted by it. Absent in entries of before it was. */
  readonly uid?: number;
  readonly codes: readonly string[];
  /** Base64; only on the first of its kind in a minute. */
  readonly message?: string;
  readonly count: number;
}

/** Who acted on the admin socket. */
export interface Operator {
  readonly uid: number;
  readonly pid: number;
}

export interface FreezeBody {
  readonly type: 'freeze';
  /** Absent: every key. The policy's key id, with its public key beside it so that renaming does not thaw. */
  readonly key?: string;
  readonly publicKey?: string;
  readonly reason: string;
  /** Null when the daemon froze itself. */
  readonly by: Operator | null;
}

export interface UnfreezeBody {
  readonly type: 'unfreeze';
  /** Hash of the freeze entry. */
  readonly freeze: string;
  readonly id: string;
  readonly statement: Envelope;
}

export interface RevocationBody {
  readonly type: 'revocation';
  /** Exactly one of the two. */
  readonly attestation?: string;
  readonly workload?: string;
  readonly reason: string;
  readonly by: Operator;
}

export interface KeyBody {
  readonly type: 'key';
  readonly action: 'generate' | 'import' | 'retire' | 'replace' | 'latch';
  readonly token: string;
  readonly label: string;
  readonly publicKey: string;
  readonly id?: string;
  readonly statement?: Envelope;
}

export interface SnapshotBody {
  readonly type: 'snapshot';
  readonly sha256: string;
  /** Entries covered. */
  readonly size: string;
}

export interface TickBody {
  readonly type: 'tick';
}

/** A torn last record was cut. */
export interface RepairBody {
  readonly type: 'repair';
  readonly bytes: number;
  readonly sha256: string;
}

export interface AlertBody {
  readonly type: 'alert';
  readonly subject: string;
  readonly detail: string;
}
