import { SIGNATURE_BYTES } from './limits.js';
import type { Transaction } from './message.js';

/**
 * A copy of the wire transaction with `signature` (64 bytes) in signer slot `slot`; every other byte is kept,
 * foreign signatures included. Throws RangeError when the slot or the signature does not fit: a caller's bug.
 */
export function withSignature(transaction: Transaction, slot: number, signature: Uint8Array): Uint8Array {
  if (!Number.isInteger(slot) || slot < 0 || slot >= transaction.message.signatures) {
    throw new RangeError(`no signer slot ${String(slot)}`);
  }
  if (signature.length !== SIGNATURE_BYTES) throw new RangeError('a signature has 64 bytes');
  const copy = new Uint8Array(transaction.bytes);
  copy.set(signature, transaction.signaturesOffset + slot * SIGNATURE_BYTES);
  return copy;
}
