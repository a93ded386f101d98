/**
 * What a verifier can find wrong, each kind with the exit code of `chancery ledger verify`. The numbers are part
 * of the command's contract: scripts branch on them. 1 to 3 keep the meaning they have for every command.
 */
export const DAMAGE_EXIT_CODES = {
  /** The last bytes are no whole entry: a crash, or a write in progress. Nothing before them is touched. */
  'torn-tail': 10,
  /** A line that is not `<64 hex> <one JSON object>`. */
  line: 11,
  /** The bytes of an entry do not hash to the hash beside them. */
  hash: 12,
  /** `previous` is not the hash of the entry before. */
  chain: 13,
  /** A sequence number is missing, doubled or out of order. */
  sequence: 14,
  /** Time goes back. */
  time: 15,
  /** An entry that is not of its kind's form. */
  schema: 16,
  /** A segment is missing, misnamed or unreadable. */
  segment: 17,
  /** The ledger does not begin with a sound genesis, or not with the one that was asked for. */
  genesis: 18,
  /** A signature does not verify over the message that was authorized. */
  signature: 19,
  /** An authorization without an outcome, with two, or an outcome without an authorization. */
  outcome: 20,
  /** A Sovereign statement without its quorum, used twice, out of its time or for another signer. */
  statement: 21,
  /** An authorization that nothing in the ledger entitled: no attestation, a freeze, another policy. */
  authority: 22,
  /** What was counted does not fit the authorization. */
  counted: 23,
  /** Bytes that the ledger names by digest are missing or differ. */
  blob: 24,
  /** A signed checkpoint that is unsound, or that this ledger does not reach or contradicts. */
  checkpoint: 25,
  /** A cosignature of a known witness that does not hold, or `cosigned` without its quorum. */
  cosignature: 26,
  /** A tile that is not made of the hashes of these entries. Derived: the daemon makes it anew. */
  tile: 27,
} as const;

export type DamageKind = keyof typeof DAMAGE_EXIT_CODES;

/** One thing found wrong and where. */
export interface Damage {
  readonly kind: DamageKind;
  /** Sequence of the entry, or the one expected at this place. */
  readonly sequence: number;
  /** File name inside the directory; empty when no file is meant. */
  readonly file: string;
  /** Byte offset of the line in that file. */
  readonly offset: number;
  /** One sentence, lower case, without control characters. */
  readonly message: string;
}

/** What is wrong, before it is known where. */
export interface Problem {
  readonly kind: DamageKind;
  readonly message: string;
}

export function problem(kind: DamageKind, message: string): Problem {
  return { kind, message };
}
