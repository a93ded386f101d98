import { randomBytes } from 'node:crypto';
import { encodeBase64 } from '../core/base64.js';
import { ReadError } from '../core/byte-reader.js';
import { ChanceryError } from '../core/errors.js';
import { tidyEnd } from '../os/tidy-end.js';
import type { Authority } from '../sovereign/authority.js';
import { payloadBytes, type Envelope, type EnvelopeSignature } from '../sovereign/envelope.js';
import { namespaceOf } from '../sovereign/kinds/registry.js';
import { readStatement } from '../sovereign/read-statement.js';
import { readSshSignature } from '../sovereign/sshsig.js';
import { signWithSsh } from './ssh-keygen.js';

/** A statement nobody has signed yet. */
export function unsigned(payload: Uint8Array): Envelope {
  return { payload: encodeBase64(payload), signatures: [] };
}

/** 128 random bits in hex, for the `id` of a statement. */
export function newStatementId(): string {
  return randomBytes(16).toString('hex');
}

/**
 * Adds a signature by an SSH key to a statement, made by the stock ssh-keygen under the namespace of its kind. Throws
 * MALFORMED_STATEMENT, STATEMENT_INVALID when the key is not an authority's, and what `signWithSsh` throws.
 */
export async function addSshSignature(
  envelope: Envelope,
  identity: string,
  authorities: readonly Authority[],
  told: AbortSignal,
): Promise<Envelope> {
  const { kind } = readStatement(envelope);
  const armored = await signWithSsh(payloadBytes(envelope), namespaceOf(kind), identity, told);
  return addArmored(envelope, armored, authorities);
}

/**
 * The same with each of the keys, one after the other, where nothing else is to be tidied up: a signature that is there
 * when somebody breaks off is one that they believe was never given.
 */
export async function addSshSignatures(
  envelope: Envelope,
  identities: readonly string[],
  authorities: readonly Authority[],
): Promise<Envelope> {
  return await tidyEnd(async (told) => {
    let signed = envelope;
    for (const identity of identities) signed = await addSshSignature(signed, identity, authorities, told);
    return signed;
  });
}

/** Adds an armored SSH signature made elsewhere. Throws STATEMENT_INVALID when no authority has its key. */
export function addArmored(envelope: Envelope, armored: string, authorities: readonly Authority[]): Envelope {
  const authority = authorityOf(armored, authorities);
  return withSignature(envelope, { authority: authority.id, scheme: 'sshsig', signature: armored });
}

/** Adds a signature, in place of an earlier one of the same authority. */
export function withSignature(envelope: Envelope, signature: EnvelopeSignature): Envelope {
  const others = envelope.signatures.filter(({ authority }) => authority !== signature.authority);
  return { payload: envelope.payload, signatures: [...others, signature] };
}

/** A statement as it stands in a file: one JSON object, two spaces, a line end. */
export function statementText(envelope: Envelope): string {
  return `${JSON.stringify(envelope, null, 2)}\n`;
}

function authorityOf(armored: string, authorities: readonly Authority[]): Authority {
  let key: Uint8Array;
  try {
    key = readSshSignature(armored).publicKey.key;
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    throw new ChanceryError('STATEMENT_INVALID', `the signature cannot be read: ${error.message}`, {
      cause: error,
      hint: 'an authority signs with an Ed25519 key: ssh-ed25519 or sk-ssh-ed25519',
    });
  }
  const found = authorities.find(
    (authority) => authority.scheme === 'sshsig' && Buffer.compare(authority.key.bytes, key) === 0,
  );
  if (found !== undefined) return found;
  throw new ChanceryError('STATEMENT_INVALID', 'the key that signed is not of an authority of this signer', {
    hint: `authorities: ${authorities.map(({ id }) => id).join(', ')}`,
  });
}
