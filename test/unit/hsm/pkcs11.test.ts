import { describe, expect, it } from 'vitest';
import { decodeEcPoint, encodeEcPoint } from '../../../src/hsm/pkcs11/ec-point.js';
import { callFailed } from '../../../src/hsm/pkcs11/host-error.js';
import { countsVisibly, edwardsMechanisms } from '../../../src/hsm/pkcs11/quirks.js';
import { recoveryFor, returnValueName, returnValueOf } from '../../../src/hsm/pkcs11/return-value.js';

const KEY = Buffer.alloc(32, 5);

describe('EC_POINT', () => {
  it('is read raw, as an octet string and as a bit string', () => {
    for (const prefix of ['', '0420', '032100']) {
      expect(decodeEcPoint(Buffer.concat([Buffer.from(prefix, 'hex'), KEY]))).toEqual(Uint8Array.from(KEY));
    }
    expect(decodeEcPoint(encodeEcPoint(KEY))).toEqual(Uint8Array.from(KEY));
  });

  it('is refused in any other form, 65-byte and truncated points included', () => {
    for (const prefix of ['0421', '0320', '032101', '042000', '0441']) {
      expect(decodeEcPoint(Buffer.concat([Buffer.from(prefix, 'hex'), KEY]))).toBeNull();
    }
    expect(decodeEcPoint(Buffer.concat([Buffer.from('0420', 'hex'), KEY.subarray(1)]))).toBeNull();
    expect(decodeEcPoint(Buffer.alloc(0))).toBeNull();
  });
});

describe('return values', () => {
  it.each([
    ['session', [0xb3, 0xb0, 0x90]],
    ['login', [0x101, 0x82, 0x60]],
    ['restart', [0x30, 0x32, 0xe0, 0x05, 0x190]],
    ['latch', [0xa0, 0xa1, 0xa2, 0xa3, 0xa4]],
    ['fail', [0x21, 0x06, 0x80000001]],
  ] as const)('%s', (action, codes) => {
    for (const code of codes) expect(recoveryFor(code)).toBe(action);
  });

  it('are found in both kinds of errors that pkcs11js throws, and in no other', () => {
    const typed = Object.assign(new Error('CKR_PIN_INCORRECT'), { name: 'Pkcs11Error', code: 160 });
    expect(returnValueOf(typed)).toBe(160);
    expect(returnValueOf(new Error('CKR_ATTRIBUTE_VALUE_INVALID:19\n    at Error'))).toBe(19);
    expect(returnValueOf(Object.assign(new Error('no entry'), { code: 2 }))).toBeNull();
    expect(returnValueOf('CKR_X:1')).toBeNull();
  });

  it('have names for people', () => {
    expect(returnValueName(0xa0)).toBe('CKR_PIN_INCORRECT (0xa0)');
    expect(returnValueName(0x80000001)).toBe('0x80000001');
  });

  it('I9: the text of a foreign error, which may repeat a PIN, is not kept', () => {
    const error = callFailed('cannot log in', new Error('login("1234-secret") failed'));
    expect(error.message).toBe('cannot log in: the module failed');
    expect(error.cause).toBeUndefined();
    expect(JSON.stringify(error)).not.toContain('1234-secret');
  });
});

describe('quirks', () => {
  const identity = { manufacturer: 'SoftHSM project', model: 'SoftHSM v2', serial: '1', label: 'a' };

  it('use the standard mechanism where it is listed, whoever made the token', () => {
    const standard = { eddsa: 0x1057, keyGeneration: 0x1055 };
    expect(edwardsMechanisms(identity, [0x1057])).toEqual(standard);
    expect(edwardsMechanisms({ ...identity, manufacturer: 'SafeNet, Inc.' }, [0x1057, 0x80000c03])).toEqual(
      standard,
    );
  });

  it("use a vendor value only on that vendor's token", () => {
    const vendor = { eddsa: 0x80000c03, keyGeneration: 0x80000c01 };
    expect(edwardsMechanisms({ ...identity, manufacturer: 'SafeNet, Inc.' }, [0x80000c03])).toEqual(vendor);
    expect(edwardsMechanisms(identity, [0x80000c03])).toBeNull();
  });

  it('find no Ed25519 where none is listed', () => {
    expect(edwardsMechanisms(identity, [0x1041, 0x1050])).toBeNull();
  });

  it('believe in a missing COUNT_LOW flag on SoftHSM only', () => {
    expect(countsVisibly(identity)).toBe(true);
    expect(countsVisibly({ ...identity, manufacturer: 'Yubico' })).toBe(false);
  });
});
