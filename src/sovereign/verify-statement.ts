import { formatTime } from '../core/clock.js';
import { ChanceryError } from '../core/errors.js';
import type { Authority, Purpose, Sovereign, Threshold } from './authority.js';
import { countSignatures, type Ignored, type Tally } from './count-signatures.js';
import type { Envelope } from './envelope.js';
import { KINDS, type Kind } from './kinds/registry.js';
import { readStatement, type ReadStatement } from './read-statement.js';

/** How far ahead of our clock `issuedAt` may lie, in milliseconds. */
const ISSUED_AHEAD_MS = 60_000;

/** What a statement is judged by. */
export interface Judge extends Sovereign {
  /** The ledger's origin: the signer's name. */
  readonly origin: string;
  /** Milliseconds; the later of all clocks. */
  readonly now: number;
}

/** A statement whose quorum, binding and times hold. Whether its id was used before is the ledger's to say. */
export type VerifiedStatement = ReadStatement & Tally;

/** A verified statement of one kind. */
export type Verified<K extends Kind> = Extract<VerifiedStatement, { readonly kind: K }>;

/**
 * Verifies a statement against the Sovereign in force: well formed, bound to this signer and epoch, not from the
 * future and not expired, signed by enough distinct keys for the purpose of its kind. With `kind`, any other kind
 * is refused. Genesis has its own verifier (`verifyGenesis`), since no Sovereign is in force before it.
 *
 * Throws MALFORMED_STATEMENT, STATEMENT_INVALID or QUORUM_NOT_MET.
 */
export function verifyStatement(envelope: Envelope, judge: Judge): VerifiedStatement;
export function verifyStatement<K extends Kind>(envelope: Envelope, judge: Judge, kind: K): Verified<K>;
export function verifyStatement(envelope: Envelope, judge: Judge, kind?: Kind): VerifiedStatement {
  const statement = readStatement(envelope);
  if (kind !== undefined && statement.kind !== kind) {
    throw invalid(`this is a statement of kind ${statement.kind}, a ${kind} is needed`);
  }
  if (statement.kind === 'genesis') {
    throw invalid('a genesis statement starts a new ledger; this one has begun');
  }
  checkBinding(statement, judge);
  return meetQuorum(statement, envelope, judge.authorities, judge.threshold);
}

/** Signer, epoch and times. Throws STATEMENT_INVALID. */
export function checkBinding(
  statement: ReadStatement,
  judge: { readonly origin: string; readonly epoch: number; readonly now: number },
): void {
  const { payload, issuedAt, expiresAt } = statement;
  if (payload.signer !== judge.origin) {
    throw invalid(`it is for the signer ${payload.signer}, this is ${judge.origin}`);
  }
  if (payload.epoch !== judge.epoch) {
    throw invalid(
      `it is of epoch ${String(payload.epoch)}, the Sovereign is in epoch ${String(judge.epoch)}`,
      'issue it again under the policy in force',
    );
  }
  if (issuedAt - judge.now > ISSUED_AHEAD_MS) {
    throw invalid(
      `it was issued at ${payload.issuedAt}, which is still to come here (${formatTime(judge.now)})`,
      'compare the clocks of both machines',
    );
  }
  if (expiresAt === null) return;
  if (expiresAt <= issuedAt) throw invalid('it expires before it was issued');
  if (expiresAt <= judge.now) {
    throw invalid(`it expired at ${formatTime(expiresAt)}`, 'issue a new one');
  }
}

/** Throws QUORUM_NOT_MET unless enough distinct keys signed. */
export function meetQuorum<S extends ReadStatement>(
  statement: S,
  envelope: Envelope,
  authorities: readonly Authority[],
  threshold: Threshold,
): S & Tally {
  const tally = countSignatures(statement, envelope.signatures, authorities);
  const purpose: Purpose = KINDS[statement.kind].purpose;
  const needed = threshold[purpose];
  // A threshold below one would let an unsigned statement through, whatever let it in.
  if (tally.authorities.length < Math.max(1, needed))
    throw quorumNotMet(statement, tally, authorities, needed);
  return { ...statement, ...tally };
}

function quorumNotMet(
  statement: ReadStatement,
  tally: Tally,
  authorities: readonly Authority[],
  needed: number,
): ChanceryError {
  const waiting = authorities.map(({ id }) => id).filter((id) => !tally.authorities.includes(id));
  const message =
    `the ${statement.kind} statement has ${String(tally.authorities.length)} of the ${String(needed)} signatures it needs` +
    ignoredText(tally.ignored);
  return new ChanceryError('QUORUM_NOT_MET', message, {
    hint: `let ${waiting.join(' or ')} sign the same payload file`,
  });
}

function ignoredText(ignored: readonly Ignored[]): string {
  return ignored.map(({ authority, why }) => `; the one of ${authority} does not count: ${why}`).join('');
}

function invalid(message: string, hint?: string): ChanceryError {
  const sentence = `the statement does not hold: ${message}`;
  return new ChanceryError('STATEMENT_INVALID', sentence, { hint });
}
