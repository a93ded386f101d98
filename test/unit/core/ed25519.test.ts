import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Point } from '@noble/ed25519';
import fc from 'fast-check';
import nacl from 'tweetnacl';
import { describe, expect, it } from 'vitest';
import {
  enrolKey,
  isOnCurve,
  verifyOnce,
  verifyStrict,
  type VerifyingKey,
} from '../../../src/core/ed25519.js';
import { sodiumVerifier } from '../../../src/os/sodium.js';
import { sha512 } from '../../support/sha512.js';

const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const P = 2n ** 255n - 19n;

function vectors(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../vectors/ed25519/${name}`, import.meta.url), 'utf8'));
}

function hex(text: string): Buffer {
  return Buffer.from(text, 'hex');
}

/** Little-endian bytes of a number. */
function le(value: bigint, length = 32): Buffer {
  return hex(value.toString(16).padStart(length * 2, '0')).reverse();
}

function number(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
}

/** What OpenSSL alone says, without our checks. */
function openssl(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const der = Buffer.concat([hex('302a300506032b6570032100'), publicKey]);
  return verify(null, message, createPublicKey({ key: der, format: 'der', type: 'spki' }), signature);
}

const sodium = sodiumVerifier();

/** Both strict verifiers, which must be of one mind wherever this file looks. */
function verdict(key: VerifyingKey, message: Uint8Array, signature: Uint8Array): boolean {
  const good = verifyStrict(key, message, signature);
  expect(sodium?.(key, message, signature)).toBe(good);
  return good;
}

function strict(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
  allowTorsion = false,
): boolean {
  const key = enrolKey(publicKey, allowTorsion);
  const good = key !== null && verdict(key, message, signature);
  if (!allowTorsion) expect(verifyOnce(publicKey, message, signature)).toBe(good);
  return good;
}

/** A generator of the eight points of small order. */
const TORSION = Point.fromBytes(hex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'));

/** The eight points of small order, by adding. */
function smallOrderPoints(): Point[] {
  const points = [Point.ZERO];
  for (let index = 1; index < 8; index++) points.push(points[index - 1]!.add(TORSION));
  return points;
}

describe('speccheck', () => {
  const cases = vectors('cases.json') as { message: string; pub_key: string; signature: string }[];

  it('accepts case 3 only, as dalek verify_strict', () => {
    const verdicts = cases.map((item) =>
      strict(hex(item.pub_key), hex(item.message), hex(item.signature), true),
    );
    expect(verdicts.map((good) => (good ? 'V' : 'X')).join('')).toBe('XXXVXXXXXXXX');
  });

  it('enrols no key of them when torsion is not allowed', () => {
    expect(cases.slice(0, 6).map((item) => enrolKey(hex(item.pub_key)))).toEqual(Array(6).fill(null));
  });
});

describe('wycheproof', () => {
  const { testGroups, numberOfTests } = vectors('wycheproof-ed25519_test.json') as {
    numberOfTests: number;
    testGroups: {
      publicKey: { pk: string };
      tests: { tcId: number; msg: string; sig: string; result: string }[];
    }[];
  };

  it('agrees on every case', () => {
    let seen = 0;
    for (const { publicKey, tests } of testGroups) {
      for (const { tcId, msg, sig, result } of tests) {
        expect(strict(hex(publicKey.pk), hex(msg), hex(sig)), `case ${String(tcId)}`).toBe(
          result === 'valid',
        );
        seen++;
      }
    }
    expect(seen).toBe(numberOfTests);
  });
});

describe('points of small order', () => {
  it('are eight', () => {
    const encodings = smallOrderPoints().map((point) => Buffer.from(point.toBytes()).toString('hex'));
    expect(new Set(encodings).size).toBe(8);
    expect(smallOrderPoints()[7]!.add(TORSION).equals(Point.ZERO)).toBe(true);
  });

  it('are never enrolled, torsion allowed or not', () => {
    for (const point of smallOrderPoints()) {
      expect(enrolKey(point.toBytes())).toBeNull();
      expect(enrolKey(point.toBytes(), true)).toBeNull();
    }
  });

  it('prove nothing as keys, where OpenSSL accepts them', () => {
    // With A of small order and a message for which k·A is zero, R = S·B holds for any S: nobody needs a secret.
    let met = 0;
    for (const point of smallOrderPoints()) {
      const publicKey = point.toBytes();
      const signature = Buffer.concat([Point.BASE.multiply(5n).toBytes(), le(5n)]);
      for (let round = 0; round < 64; round++) {
        const message = Buffer.from(`message ${String(round)}`);
        if (openssl(publicKey, message, signature)) met++;
        expect(verifyOnce(publicKey, message, signature)).toBe(false);
      }
    }
    expect(met).toBeGreaterThan(64);
  });

  it('are never accepted as R, each of the eight, where OpenSSL accepts them', () => {
    // A = aB + T. With R = -kT and S = ka the cofactorless equation holds: OpenSSL says yes.
    const scalar = 7n;
    const publicKey = Point.BASE.multiply(scalar).add(TORSION).toBytes();
    const points = smallOrderPoints();
    const met = new Set<string>();
    for (let round = 0; round < 2000 && met.size < 8; round++) {
      const message = Buffer.from(`message ${String(round)}`);
      for (const [index, point] of points.entries()) {
        const r = point.toBytes();
        const k = number(sha512(r, publicKey, message)) % L;
        if ((BigInt(index) + k) % 8n !== 0n) continue;
        const signature = Buffer.concat([r, le((k * scalar) % L)]);
        expect(openssl(publicKey, message, signature)).toBe(true);
        expect(strict(publicKey, message, signature, true)).toBe(false);
        met.add(Buffer.from(r).toString('hex'));
      }
    }
    expect(met.size).toBe(8);
  });
});

describe('encodings', () => {
  it('a key that is not canonical is not enrolled', () => {
    // y + p, for every y small enough that it still fits 255 bits.
    for (let y = 0n; y < 19n; y++) {
      for (const sign of [0n, 1n << 255n]) expect(enrolKey(le(y + P + sign), true)).toBeNull();
    }
    expect(enrolKey(Buffer.alloc(31))).toBeNull();
    expect(enrolKey(Buffer.alloc(33))).toBeNull();
  });

  it('S at or above the group order is refused', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
    const message = Buffer.from('m');
    const signature = sign(null, message, privateKey);
    const malleable = Buffer.concat([signature.subarray(0, 32), le(number(signature.subarray(32)) + L)]);
    expect(strict(raw, message, signature)).toBe(true);
    expect(strict(raw, message, malleable)).toBe(false);
    expect(strict(raw, message, signature.subarray(0, 63))).toBe(false);
    expect(strict(raw, message, Buffer.concat([signature, Buffer.alloc(1)]))).toBe(false);
  });

  it('a key with a torsion part is enrolled only when allowed', () => {
    const mixed = Point.BASE.multiply(5n).add(TORSION).toBytes();
    expect(enrolKey(mixed)).toBeNull();
    expect(enrolKey(mixed, true)).not.toBeNull();
  });

  it('an enrolled key does not change with the bytes it was made of', () => {
    const bytes = Point.BASE.multiply(5n).toBytes();
    const key = enrolKey(bytes);
    bytes.fill(0);
    expect(key?.bytes).toEqual(Point.BASE.multiply(5n).toBytes());
  });
});

describe('a second opinion', () => {
  it('tweetnacl agrees with every signature that is accepted', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.uint8Array({ maxLength: 200 }),
        (seed, message) => {
          const pair = nacl.sign.keyPair.fromSeed(seed);
          expect(strict(pair.publicKey, message, nacl.sign.detached(message, pair.secretKey))).toBe(true);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('what is changed anywhere is refused, and never accepted where tweetnacl refuses', () => {
    const pair = nacl.sign.keyPair.fromSeed(Buffer.alloc(32, 9));
    const message = Buffer.from('the message that was signed');
    const signature = nacl.sign.detached(message, pair.secretKey);
    const key = enrolKey(pair.publicKey)!;
    for (let bit = 0; bit < 512; bit++) {
      const copy = Buffer.from(signature);
      copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(verdict(key, message, copy), `bit ${String(bit)}`).toBe(false);
    }
    for (let bit = 0; bit < message.length * 8; bit++) {
      const copy = Buffer.from(message);
      copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(verdict(key, copy, signature)).toBe(false);
    }
  });
});

describe('the verifier on libsodium', () => {
  it('reads a signature and a message that are views of a larger buffer', () => {
    const pair = nacl.sign.keyPair.fromSeed(Buffer.alloc(32, 9));
    const whole = Buffer.concat([
      Buffer.alloc(7, 1),
      Buffer.from('message'),
      Buffer.alloc(64),
      Buffer.alloc(5, 2),
    ]);
    const message = whole.subarray(7, 14);
    whole.set(nacl.sign.detached(message, pair.secretKey), 14);
    const key = enrolKey(pair.publicKey)!;
    expect(verdict(key, message, whole.subarray(14, 78))).toBe(true);
    expect(verdict(key, whole.subarray(6, 14), whole.subarray(14, 78))).toBe(false);
    expect(verdict(key, message.subarray(0, 0), whole.subarray(14, 78))).toBe(false);
  });

  it('is absent where the library is, or where another one answers', () => {
    expect(sodiumVerifier('libsodium-that-is-not-there.so')).toBeNull();
    expect(sodiumVerifier('libm.so.6')).toBeNull();
  });
});

describe('on the curve', () => {
  it('says yes to points and no to what is none', () => {
    expect(isOnCurve(Point.BASE.toBytes())).toBe(true);
    expect(isOnCurve(le(2n))).toBe(false);
    expect(isOnCurve(Buffer.alloc(31))).toBe(false);
  });

  it('takes what the runtime decompresses: y at or above p, and x = 0 with the sign bit', () => {
    expect(isOnCurve(le(P + 1n))).toBe(true);
    expect(isOnCurve(le(1n + (1n << 255n)))).toBe(true);
  });

  it('holds for about half of all 32-byte strings', () => {
    const hits = Array.from({ length: 256 }, (_, index) =>
      isOnCurve(sha512(Buffer.from([index])).subarray(0, 32)),
    );
    const count = hits.filter(Boolean).length;
    expect(count).toBeGreaterThan(64);
    expect(count).toBeLessThan(192);
  });
});
