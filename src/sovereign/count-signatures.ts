import { quote } from '../core/schema.js';
import { keyOf, type Authority } from './authority.js';
import { checkSignature, type Signed } from './check-signature.js';
import type { EnvelopeSignature } from './envelope.js';
import { namespaceOf } from './kinds/registry.js';
import type { ReadStatement } from './read-statement.js';
import { statementLine } from './statement-line.js';

/** A signature that did not count, and why, in one sentence that is safe to show. */
export interface Ignored {
  readonly authority: string;
  readonly why: string;
}

export interface Tally {
  /** Ids whose signatures count: one for each distinct raw public key, in the order of the signatures. */
  readonly authorities: readonly string[];
  readonly ignored: readonly Ignored[];
}

/**
 * Counts who signed a statement. The raw public key is the identity: two names, or an SSH and a wallet form, of
 * one key are one signer. A bad signature does not spoil the good ones; it is reported.
 */
export function countSignatures(
  statement: ReadStatement,
  signatures: readonly EnvelopeSignature[],
  authorities: readonly Authority[],
): Tally {
  const signed: Signed = {
    payloadBytes: statement.payloadBytes,
    namespace: namespaceOf(statement.kind),
    line: statementLine(statement),
  };
  const counted = new Map<string, string>();
  const ignored: Ignored[] = [];
  for (const item of signatures) {
    const authority = authorities.find(({ id }) => id === item.authority);
    if (authority === undefined) {
      ignored.push({ authority: quote(item.authority), why: 'it is not an authority of this signer' });
      continue;
    }
    const why = reason(authority, signed, item, counted);
    if (why === null) counted.set(keyOf(authority), authority.id);
    else ignored.push({ authority: authority.id, why });
  }
  return { authorities: [...counted.values()], ignored };
}

function reason(
  authority: Authority,
  signed: Signed,
  item: EnvelopeSignature,
  counted: ReadonlyMap<string, string>,
): string | null {
  if (item.scheme !== authority.scheme)
    return `it signs with ${authority.scheme}, not with ${quote(item.scheme)}`;
  const earlier = counted.get(keyOf(authority));
  if (earlier !== undefined) return `its key has already signed, as ${earlier}`;
  return checkSignature(authority, signed, item.signature);
}
