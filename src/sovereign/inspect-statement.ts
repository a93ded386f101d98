import type { Sovereign } from './authority.js';
import { countSignatures, type Ignored } from './count-signatures.js';
import type { Envelope } from './envelope.js';
import { KINDS, namespaceOf, type Kind } from './kinds/registry.js';
import { readStatement } from './read-statement.js';
import { statementGrants, statementLine } from './statement-line.js';

/** A statement for people: what it would do, until when, and who has agreed to it so far. */
export interface Inspection {
  readonly kind: Kind;
  readonly id: string;
  readonly signer: string;
  readonly epoch: number;
  readonly issuedAt: string;
  /** RFC 3339; null when it does not expire. */
  readonly expiresAt: string | null;
  readonly reason: string | null;
  /** SHA-256 of the payload, hex. */
  readonly digest: string;
  /** What it does once accepted, one plain sentence each. */
  readonly grants: readonly string[];
  /** How many distinct keys must sign. */
  readonly needed: number;
  /** Authorities whose signatures count. */
  readonly signed: readonly string[];
  /** Authorities that have not signed yet. */
  readonly missing: readonly string[];
  readonly ignored: readonly Ignored[];
  readonly quorum: boolean;
  /** SSHSIG namespace to sign under. */
  readonly namespace: string;
  /** The line a wallet signs; null when the statement does not fit one. */
  readonly line: string | null;
}

/**
 * Reads a statement against a Sovereign without judging whether it holds now. Throws only MALFORMED_STATEMENT,
 * so that an incomplete or expired statement can be looked at.
 */
export function inspectStatement(envelope: Envelope, sovereign: Sovereign): Inspection {
  const statement = readStatement(envelope);
  const { payload } = statement;
  const tally = countSignatures(statement, envelope.signatures, sovereign.authorities);
  const needed = sovereign.threshold[KINDS[statement.kind].purpose];
  return {
    kind: statement.kind,
    id: statement.id,
    signer: payload.signer,
    epoch: payload.epoch,
    issuedAt: payload.issuedAt,
    expiresAt: payload.expiresAt ?? null,
    reason: payload.reason ?? null,
    digest: statement.digest,
    grants: statementGrants(statement),
    needed,
    signed: tally.authorities,
    missing: sovereign.authorities.map(({ id }) => id).filter((id) => !tally.authorities.includes(id)),
    ignored: tally.ignored,
    quorum: tally.authorities.length >= Math.max(1, needed),
    namespace: namespaceOf(statement.kind),
    line: statementLine(statement),
  };
}
