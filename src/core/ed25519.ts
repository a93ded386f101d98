import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { Point } from '@noble/ed25519';

/**
 * The one strict Ed25519 verifier (same verdicts as dalek `verify_strict`): S < L, A and R canonical and not of
 * small order, cofactorless equation. Mixing verifiers lets one signature be good here and bad there.
 *
 * The equation is OpenSSL's, which computes R' = S·B − k·A and compares its canonical encoding with R byte by
 * byte: a non-canonical R can never match, S ≥ L is refused. What it leaves open is checked here: A once, at
 * enrolment (canonical, on the curve, not of small order, torsion-free when asked); R at each signature against
 * the eight small-order encodings, which is a comparison of bytes.
 */
export interface VerifyingKey {
  readonly bytes: Uint8Array;
  readonly object: KeyObject;
}

const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
export const SIGNATURE_BYTES = 64;
const KEY_BYTES = 32;

/** Canonical encodings of the eight points of small order (order 1, 2, 4, 4, 8, 8, 8, 8). */
const SMALL_ORDER: ReadonlySet<string> = new Set([
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0000000000000000000000000000000000000000000000000000000000000080',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
]);

/**
 * Checks a public key once so that verification can use it many times; about 1 ms. Null when the 32 bytes are
 * not a canonical point, or of small order, or (unless `allowTorsion`) outside the prime-order subgroup.
 */
export function enrolKey(bytes: Uint8Array, allowTorsion = false): VerifyingKey | null {
  if (bytes.length !== KEY_BYTES) return null;
  try {
    const point = Point.fromBytes(bytes);
    if (point.isSmallOrder() || (!allowTorsion && !point.isTorsionFree())) return null;
  } catch {
    return null;
  }
  return unchecked(bytes);
}

function unchecked(bytes: Uint8Array): VerifyingKey {
  const copy = Uint8Array.from(bytes);
  const object = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, copy]), format: 'der', type: 'spki' });
  return { bytes: copy, object };
}

/** True only for a signature every strict verifier accepts. */
export type StrictVerifier = (key: VerifyingKey, message: Uint8Array, signature: Uint8Array) => boolean;

/** On OpenSSL, which every Node has. The daemon's path takes os/sodium where it can: the same verdicts in half the time. */
export function verifyStrict(key: VerifyingKey, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_BYTES) return false;
  const r = Buffer.from(signature.buffer, signature.byteOffset, 32).toString('hex');
  return !SMALL_ORDER.has(r) && verify(null, message, key.object, signature);
}

/**
 * The verdict of `enrolKey` and `verifyStrict` for a key that comes with its signature. The signature first: a caller
 * that sends wrong ones would have a key checked for each, which takes ten times as long and stops everybody meanwhile.
 */
export function verifyOnce(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== KEY_BYTES) return false;
  return verifyStrict(unchecked(publicKey), message, signature) && enrolKey(publicKey) !== null;
}

/** Whether 32 bytes encode a point of the curve: program-derived addresses are those that do not. */
export function isOnCurve(bytes: Uint8Array): boolean {
  try {
    // ZIP-215 decoding accepts what curve25519-dalek's decompress accepts, which is what the runtime uses.
    Point.fromBytes(bytes, true);
    return true;
  } catch {
    return false;
  }
}
