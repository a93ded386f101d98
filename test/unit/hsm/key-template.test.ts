import { describe, expect, it } from 'vitest';
import {
  CKA_COPYABLE,
  CKA_DECRYPT,
  CKA_DERIVE,
  CKA_EXTRACTABLE,
  CKA_MODIFIABLE,
  CKA_PRIVATE,
  CKA_SENSITIVE,
  CKA_SIGN,
  CKA_SIGN_RECOVER,
  CKA_TOKEN,
  CKA_UNWRAP,
} from '../../../src/hsm/pkcs11/cryptoki.js';
import { inADialect, privateTemplate, type Dialect } from '../../../src/hsm/pkcs11/key-template.js';

/** Curve names of RFC 8410 and of PKCS#11 v3.0, as bytes that a token compares. */
const OID = '06032b6570';
const NAME = '130c656477617264733235353139';
const ATTRIBUTE_TYPE_INVALID = 0x12;
const ATTRIBUTE_VALUE_INVALID = 0x13;
const TEMPLATE_INCONSISTENT = 0xd1;
const CURVE_NOT_SUPPORTED = 0x140;

/** As pkcs11js throws. C_CreateObject gives a plain error, C_GenerateKeyPair one with a code. */
const typed = (code: number): Error => Object.assign(new Error('refused'), { name: 'Pkcs11Error', code });
const plain = (code: number): Error => new Error(`CKR_REFUSED:${String(code)}`);

/** A token that takes what `takes` says and refuses the rest; what it was shown, in order. */
function shown(takes: (dialect: Dialect) => boolean, refusal: Error): string[] {
  const seen: string[] = [];
  inADialect((dialect) => {
    seen.push(`${dialect.ecParams.toString('hex')} ${dialect.denial}`);
    if (!takes(dialect)) throw refusal;
    return 'a key';
  });
  return seen;
}

describe('a new key is described as the token wants it', () => {
  const named =
    (curve: string) =>
    ({ ecParams }: Dialect): boolean =>
      ecParams.toString('hex') === curve;

  it('by the OID of the curve, once, where that is taken', () => {
    expect(shown(named(OID), typed(CURVE_NOT_SUPPORTED))).toEqual([`${OID} full`]);
  });

  it.each([
    ['with a code', typed],
    ['in words', plain],
  ])('by its name where the token refuses the OID %s', (_how, error) => {
    for (const code of [ATTRIBUTE_VALUE_INVALID, CURVE_NOT_SUPPORTED]) {
      expect(shown(named(NAME), error(code))).toEqual([`${OID} full`, `${NAME} full`]);
    }
  });

  it.each([OID, NAME])('with less said where a token does not know every power: %s', (curve) => {
    const strange = ({ ecParams, denial }: Dialect): boolean =>
      denial === 'minimal' && ecParams.toString('hex') === curve;
    for (const code of [ATTRIBUTE_TYPE_INVALID, TEMPLATE_INCONSISTENT]) {
      expect(shown(strange, typed(code)).at(-1)).toBe(`${curve} minimal`);
    }
  });

  it('and a refusal of another kind is not asked about again: it could cost a second key', () => {
    for (const error of [typed(0x30), typed(0x101), new Error('no CK_RV')]) {
      let asked = 0;
      const create = (): never => {
        asked += 1;
        throw error;
      };
      expect(() => inADialect(create)).toThrow(error);
      expect(asked).toBe(1);
    }
  });

  it('or not at all: the last refusal is told', () => {
    const seen: number[] = [];
    const create = ({ denial }: Dialect): never => {
      seen.push(denial === 'full' ? ATTRIBUTE_TYPE_INVALID : CURVE_NOT_SUPPORTED);
      throw typed(seen.at(-1)!);
    };
    expect(() => inADialect(create)).toThrow(expect.objectContaining({ code: CURVE_NOT_SUPPORTED }));
    expect(seen).toHaveLength(4);
  });

  it('never extractable, always sensitive, on the token, and with every other power denied where that can be said', () => {
    const name = { label: 'a', id: Buffer.of(1) };
    const flags = (denial: Dialect['denial']): Map<number, unknown> =>
      new Map(
        privateTemplate(name, { ecParams: Buffer.from(OID, 'hex'), denial }).map(({ type, value }) => [
          type,
          value,
        ]),
      );
    const denied = [CKA_DECRYPT, CKA_UNWRAP, CKA_DERIVE, CKA_SIGN_RECOVER, CKA_MODIFIABLE, CKA_COPYABLE];
    for (const denial of ['full', 'minimal'] as const) {
      const said = flags(denial);
      expect([CKA_TOKEN, CKA_PRIVATE, CKA_SENSITIVE, CKA_SIGN].map((type) => said.get(type))).toEqual(
        Array(4).fill(true),
      );
      expect(said.get(CKA_EXTRACTABLE)).toBe(false);
      expect(denied.map((type) => said.get(type))).toEqual(
        Array(denied.length).fill(denial === 'full' ? false : undefined),
      );
    }
  });
});
