import { readSequence } from '../chain.js';
import type { EntryBody, Envelope } from '../entries.js';
import type { State } from '../state.js';
import { readAttestationPayload, readStatementIdentity } from './payload.js';
import { readAmount, readPayments } from './payments.js';

/**
 * Why an entry with this body must not be in the ledger after `state`; null when it may. Asked before an append
 * and again at replay, so that folding never stops half way through an entry.
 */
export function bodyFault(state: State, body: EntryBody): string | null {
  switch (body.type) {
    case 'genesis':
      return state.size === 0
        ? envelopeFault(body.statement)
        : 'genesis must be the first entry, and only that';
    case 'policy':
    case 'unfreeze':
      return envelopeFault(body.statement);
    case 'key':
      return body.statement === undefined ? null : envelopeFault(body.statement);
    case 'statement':
      if (body.kind === 'attestation' && readAttestationPayload(body.statement) === null) {
        return 'the attestation cannot be read';
      }
      return envelopeFault(body.statement);
    case 'authorization':
      if (!isText(body.message)) return 'the message is no text';
      if (body.counted.some(({ amount }) => readAmount(amount) === null)) {
        return 'a counted amount is not a decimal number';
      }
      return readPayments(body) === null ? 'a debit among the effects cannot be read' : null;
    case 'signature':
    case 'failure':
    case 'recovered': {
      const sequence = readSequence(body.authorization);
      // Exactly one outcome each (I3).
      return sequence !== null && state.isOpen(sequence)
        ? null
        : `authorization ${body.authorization} is not waiting for an outcome`;
    }
    case 'freeze':
    case 'revocation':
    case 'start':
    case 'stop':
    case 'denial':
    case 'snapshot':
    case 'tick':
    case 'repair':
    case 'alert':
      return null;
  }
}

/** On disk anything may stand there: of an object with a `length`, the fold would make a buffer of that length. */
function isText(message: unknown): boolean {
  return typeof message === 'string';
}

function envelopeFault(envelope: Envelope): string | null {
  return readStatementIdentity(envelope) === null ? 'the statement has no readable id' : null;
}
