import { decodeBase58, encodeBase58 } from '../core/base58.js';
import { ReadError } from '../core/byte-reader.js';
import { SIGNATURE_BYTES, verifyStrict, type VerifyingKey } from '../core/ed25519.js';
import { ChanceryError } from '../core/errors.js';
import { pubkeyAt } from '../core/pubkey.js';
import { ANOTHER_KEY } from './pinned-keys.js';
import { readWireTransaction, type WireTransaction } from './wire-transaction.js';

/**
 * Checks that a daemon did with a transaction only what it was asked: the returned bytes differ from those sent in
 * the key's signature slot alone, and that slot holds the key's good signature over the message that was sent. The
 * agent thus trusts the daemon with refusing and signing, never with changing. Throws KEY_UNTRUSTED, RESPONSE_INVALID
 * or SIGNATURE_WRONG.
 */
export function checkSigned(
  sent: Uint8Array,
  returned: Uint8Array,
  signatureText: string,
  key: VerifyingKey,
): Uint8Array {
  const { message, signers, signaturesOffset } = place(sent);
  const slot = signers.indexOf(pubkeyAt(key.bytes));
  // As after a rotation, where the agent built for the new key and expects the one before.
  if (slot < 0) {
    throw new ChanceryError(
      'KEY_UNTRUSTED',
      `the daemon signed with another key than ${encodeBase58(key.bytes)}, which is expected and no signer here`,
      { hint: ANOTHER_KEY },
    );
  }
  const from = signaturesOffset + slot * SIGNATURE_BYTES;
  const until = from + SIGNATURE_BYTES;
  const unchanged =
    returned.length === sent.length &&
    Buffer.compare(returned.subarray(0, from), sent.subarray(0, from)) === 0 &&
    Buffer.compare(returned.subarray(until), sent.subarray(until)) === 0;
  if (!unchanged) throw invalid('it changed the transaction outside the signature slot of the key');
  const signature = returned.slice(from, until);
  const named = decodeBase58(signatureText);
  if (named === null || Buffer.compare(named, signature) !== 0) {
    throw invalid('its signature is not the one in the transaction');
  }
  if (!verifyStrict(key, message, signature)) {
    throw new ChanceryError(
      'SIGNATURE_WRONG',
      'the signature is not that of the expected key over this transaction',
    );
  }
  return signature;
}

function place(sent: Uint8Array): WireTransaction {
  try {
    return readWireTransaction(sent);
  } catch (error) {
    if (error instanceof ReadError) throw invalid('it signed what is not a transaction', error);
    throw error;
  }
}

function invalid(what: string, cause?: unknown): ChanceryError {
  return new ChanceryError('RESPONSE_INVALID', `the daemon cannot be trusted: ${what}`, {
    cause,
    hint: 'do not send the transaction; tell the operator',
  });
}
