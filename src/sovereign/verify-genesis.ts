import { ChanceryError } from '../core/errors.js';
import { originName, originOf } from '../core/origin.js';
import { parseAddress, pubkeyBytes } from '../core/pubkey.js';
import { pathText } from '../core/schema.js';
import type { Sovereign } from './authority.js';
import type { Envelope } from './envelope.js';
import { parseSovereign } from './parse-sovereign.js';
import { readStatement } from './read-statement.js';
import { checkBinding, meetQuorum, type Verified } from './verify-statement.js';

/** A genesis statement that holds, with the Sovereign it establishes. */
export interface VerifiedGenesis {
  readonly statement: Verified<'genesis'>;
  readonly sovereign: Sovereign;
}

/**
 * Verifies a genesis statement against the authorities and thresholds it names itself, and that its origin is
 * made from its ledger key. This proves only that those keys agreed to it: who relies on the ledger compares them
 * with keys learnt another way. Throws MALFORMED_STATEMENT, STATEMENT_INVALID or QUORUM_NOT_MET.
 */
export function verifyGenesis(envelope: Envelope, now: number): VerifiedGenesis {
  const statement = readStatement(envelope);
  if (statement.kind !== 'genesis') {
    throw invalid(`this is a statement of kind ${statement.kind}, a genesis is needed`);
  }
  const { payload } = statement;
  const ledgerKey = parseAddress(payload.publicKey);
  const name = originName(payload.signer);
  if (ledgerKey === null || name === null) throw invalid('it names no ledger key');
  const origin = originOf(name, pubkeyBytes(ledgerKey));
  if (payload.signer !== origin)
    throw invalid(`its signer is ${payload.signer}, by its ledger key it is ${origin}`);
  checkBinding(statement, { origin, epoch: payload.epoch, now });
  const sovereign = parseSovereign(payload, (path, fault) => {
    throw invalid(`${pathText(path)}: ${fault}`);
  });
  const verified = meetQuorum(statement, envelope, sovereign.authorities, sovereign.threshold);
  return { statement: verified, sovereign };
}

function invalid(message: string): ChanceryError {
  return new ChanceryError('STATEMENT_INVALID', `the genesis statement does not hold: ${message}`);
}
