import koffi from 'koffi';
import { SIGNATURE_BYTES, type StrictVerifier } from '../core/ed25519.js';

/** Debian 10 to 13, Ubuntu 18.04 to 24.04, Fedora, Arch; 1.0.18 and later give the verdicts relied on here. */
const LIBRARY = 'libsodium.so.23';

/** RFC 8032, 7.1, test 2. */
const VECTOR = {
  key: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
  message: '72',
  signature:
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da' +
    '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
};

/**
 * The strict verifier on libsodium's arithmetic, which needs half the time of OpenSSL's (`npm run bench` prints both).
 * Null where the system has no libsodium, or one that fails a known answer: use `verifyStrict` then, its verdicts are
 * the same, and both are held to the same vectors.
 *
 * crypto_sign_verify_detached refuses S ≥ L, R of small order and A of small order or not canonical, and compares the
 * encoding of S·B − k·A with R byte by byte; that A is torsion-free was checked at its enrolment.
 */
export function sodiumVerifier(library = LIBRARY): StrictVerifier | null {
  let verifyDetached: (signature: Uint8Array, message: Uint8Array, length: number, key: Uint8Array) => number;
  try {
    const sodium = koffi.load(library);
    const initialise: () => number = sodium.func('int sodium_init()');
    verifyDetached = sodium.func(
      'int crypto_sign_verify_detached(uint8_t *signature, uint8_t *message, unsigned long long length, uint8_t *key)',
    );
    if (initialise() < 0) return null;
  } catch {
    return null;
  }
  const holds = (key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean =>
    signature.length === SIGNATURE_BYTES && verifyDetached(signature, message, message.length, key) === 0;
  return knowsTheAnswer(holds) ? ({ bytes }, message, signature) => holds(bytes, message, signature) : null;
}

function knowsTheAnswer(
  holds: (key: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean,
): boolean {
  const [key, message, signature] = [VECTOR.key, VECTOR.message, VECTOR.signature].map((hex) =>
    Uint8Array.from(Buffer.from(hex, 'hex')),
  ) as [Uint8Array, Uint8Array, Uint8Array];
  if (!holds(key, message, signature)) return false;
  signature[0] = (signature[0] ?? 0) ^ 1;
  return !holds(key, message, signature);
}
