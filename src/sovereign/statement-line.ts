import { wordsOf, type Kind, type StatementOf } from './kinds/registry.js';
import type { ReadStatement } from './read-statement.js';

/** What a Ledger shows of an off-chain message and signs without blind signing, in bytes. */
const MAX_LINE_BYTES = 1100;

/**
 * The one line a wallet shows and signs for a statement: every figure of it in readable ASCII, ending in the
 * SHA-256 of the payload, so that the signature is over the same bytes as everybody's. Null when it does not fit
 * (longer than 1100 bytes, or a character outside 0x20 to 0x7e): such a statement needs SSH authorities.
 */
export function statementLine(statement: ReadStatement): string | null {
  const { payload } = statement;
  const line = [
    `chancery ${payload.type}`,
    `signer ${payload.signer}`,
    ...figures(statement),
    ...(payload.reason === undefined ? [] : [`reason ${JSON.stringify(payload.reason)}`]),
    `issued ${payload.issuedAt}`,
    `expires ${payload.expiresAt ?? 'never'}`,
    `epoch ${String(payload.epoch)}`,
    `id ${payload.id}`,
    `sha256 ${statement.digest}`,
  ].join(' | ');
  return line.length <= MAX_LINE_BYTES && /^[\x20-\x7e]+$/.test(line) ? line : null;
}

function figures<K extends Kind>({ kind, payload }: StatementOf<K>): readonly string[] {
  return wordsOf(kind).figures(payload);
}

/** What a statement does once accepted, one plain sentence each. */
export function statementGrants<K extends Kind>({ kind, payload }: StatementOf<K>): readonly string[] {
  return wordsOf(kind).grants(payload);
}
