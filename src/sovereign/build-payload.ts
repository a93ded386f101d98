import { canonicalJson } from '../core/canonical-json.js';
import { KINDS, type Kind, type PayloadOf } from './kinds/registry.js';
import { parsePayload } from './read-statement.js';

/** The fields of a payload without its `type`. */
export type PayloadFields<K extends Kind> = Omit<PayloadOf<K>, 'type'>;

/**
 * The exact bytes to be signed: canonical JSON (RFC 8785) of the fields, checked against the schema of the kind.
 * Throws MALFORMED_STATEMENT.
 */
export function buildPayload<K extends Kind>(kind: K, fields: PayloadFields<K>): Uint8Array {
  const { payload } = parsePayload({ ...fields, type: KINDS[kind].type });
  return Buffer.from(canonicalJson(payload), 'utf8');
}
