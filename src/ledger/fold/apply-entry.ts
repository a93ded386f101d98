import { hash } from 'node:crypto';
import { ChanceryError } from '../../core/errors.js';
import type { Line } from '../chain.js';
import type { AuthorizationBody, EntryBody, Envelope, KeyBody, StatementBody } from '../entries.js';
import type { Parts } from './parts.js';
import { readAttestationPayload, readStatementIdentity } from './payload.js';
import { readPayments } from './payments.js';

/** What the one outcome of an authorization takes at most on disk: counted with it, since it will follow. */
const OUTCOME_BYTES = 400;

/**
 * What an entry changes, but for head, time and tree. `rootAt` is that of the state before it. The caller has checked
 * that the line follows the chain and that `bodyFault` finds nothing.
 */
export function applyEntry(
  parts: Parts,
  line: Line,
  rootAt: (size: number) => { readonly root: string; readonly time: number } | null,
): void {
  const body: EntryBody = line.entry;
  switch (body.type) {
    case 'genesis':
      parts.origin = body.origin;
      parts.ledgerKey = body.publicKey;
      consume(parts, body.statement, line);
      return;
    case 'policy':
      parts.policy = {
        sha256: body.sha256,
        serial: body.serial,
        id: body.id,
        sequence: line.sequence,
        statement: body.statement,
      };
      parts.authorizedUnderPolicy = false;
      consume(parts, body.statement, line);
      return;
    case 'statement':
      if (body.kind === 'attestation') addAttestation(parts, body, line, rootAt);
      if (body.kind === 'accept-rollback') acceptRollback(parts, body, line);
      consume(parts, body.statement, line);
      return;
    case 'authorization':
      addAuthorization(parts, body, line);
      return;
    case 'signature':
    case 'failure':
    case 'recovered':
      // Nothing is given back: a token may have signed before it failed (I3).
      parts.open.delete(Number(body.authorization));
      return;
    case 'freeze':
      parts.freezes.add({
        hash: line.hash,
        sequence: line.sequence,
        // A freeze that names a key but not its public key cannot be matched: it holds for every key.
        publicKey: body.publicKey ?? null,
        reason: body.reason,
        time: line.time,
      });
      return;
    case 'unfreeze':
      parts.freezes.lift(body.freeze);
      consume(parts, body.statement, line);
      return;
    case 'revocation':
      if (body.attestation !== undefined) parts.attestations.revoke(body.attestation, body.reason);
      if (body.workload !== undefined) {
        parts.attestations.revokeWorkload(body.workload, body.reason, line.time);
      }
      return;
    case 'key':
      changeKey(parts, body, line);
      return;
    case 'denial':
      if (body.uid !== undefined) parts.filled.add(body.uid, line.bytes, line.time);
      return;
    case 'start':
    case 'stop':
    case 'snapshot':
    case 'tick':
    case 'repair':
    case 'alert':
      return;
  }
}

/** The lost tail may have held revocations, uses and spend: nothing from before may rest on their absence. */
function acceptRollback(parts: Parts, body: StatementBody, line: Line): void {
  parts.rollbacks.add(body, line.sequence, line.time);
  parts.attestations.voidAll('a rollback of the ledger was accepted');
  parts.meters.fill(line.time);
  parts.authorizedUnderPolicy = false;
}

function addAuthorization(parts: Parts, body: AuthorizationBody, line: Line): void {
  parts.authorizedUnderPolicy = true;
  parts.open.add(line.sequence);
  parts.filled.add(body.peer.uid, line.bytes + OUTCOME_BYTES, line.time);
  if (body.repeats !== undefined) return;
  count(parts, body, line);
  parts.attestations.countUse(body.attestation);
  const { workload, purpose } = body;
  const messageHash = hash('sha256', Buffer.from(body.message, 'base64'));
  parts.repeats.remember(body.publicKey, { workload, purpose, messageHash }, line.sequence, line.time);
}

/** For the key, for its workload, and for each account that received something. */
function count({ meters }: Parts, body: AuthorizationBody, line: Line): void {
  const { publicKey, workload } = body;
  const payments = readPayments(body);
  if (payments === null) throw damaged(line, 'the effects');
  for (const { unit, amount } of body.counted) {
    meters.add(publicKey, unit, BigInt(amount), line.time);
    meters.addBy({ kind: 'workload', publicKey, workload }, unit, BigInt(amount), line.time);
  }
  for (const { unit, destination, amount } of payments) {
    meters.addBy({ kind: 'destination', publicKey, destination }, unit, amount, line.time);
  }
}

function addAttestation(
  { attestations }: Parts,
  body: StatementBody,
  line: Line,
  rootAt: (size: number) => { readonly root: string; readonly time: number } | null,
): void {
  const payload = readAttestationPayload(body.statement);
  if (payload === null) throw damaged(line, 'the statement');
  const { possession, ledger, scope, ...rest } = payload;
  const head = ledger === undefined ? null : rootAt(ledger.size);
  const challenge =
    ledger === undefined || head === null || head.root !== ledger.root
      ? null
      : { ...ledger, time: head.time };
  attestations.add(
    {
      ...rest,
      sequence: line.sequence,
      ...(possession === undefined ? {} : { possession }),
      ...(challenge === null ? {} : { challenge }),
      ...(scope === undefined ? {} : { scope }),
      used: 0,
      revoked: null,
    },
    line.time,
  );
}

function consume({ statements }: Parts, envelope: Envelope, line: Line): void {
  const identity = readStatementIdentity(envelope);
  if (identity === null) throw damaged(line, 'the statement');
  statements.add(identity.id, identity.expiresAt, line.time);
}

function changeKey(parts: Parts, body: KeyBody, line: Line): void {
  if (body.action === 'retire') parts.retired.add(body.publicKey);
  if (body.action === 'latch') parts.latched.add(body.publicKey);
  if (body.statement !== undefined) consume(parts, body.statement, line);
}

function damaged(line: Line, what: string): ChanceryError {
  return new ChanceryError('LEDGER_DAMAGED', `${what} in entry ${String(line.sequence)} cannot be read`);
}
