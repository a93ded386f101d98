import { describe, expect, it } from 'vitest';
import {
  inADialect,
  privateTemplate,
  publicTemplate,
  type Dialect,
} from '../../../src/hsm/pkcs11/key-template.js';
import { EC_PARAMS_NAME, EC_PARAMS_OID } from '../../../src/hsm/pkcs11/cryptoki.js';
import { pkcs11Error } from '../../support/hsm/fake-module.js';

const NAME = { label: 'trading-1', id: Buffer.from('0102', 'hex') };
const FULL: Dialect = { ecParams: EC_PARAMS_OID, denial: 'full' };
const MINIMAL: Dialect = { ecParams: EC_PARAMS_OID, denial: 'minimal' };

/** By the numbers of PKCS#11, not by our names for them. */
const BARE = {
  0x0: 3, // CLASS: private key
  0x100: 0x40, // KEY_TYPE: EC_EDWARDS
  0x1: true, // TOKEN
  0x2: true, // PRIVATE
  0x103: true, // SENSITIVE
  0x162: false, // EXTRACTABLE
  0x108: true, // SIGN
  0x3: 'trading-1', // LABEL
  0x102: NAME.id, // ID
};

describe('the template of a private key', () => {
  const fields = (dialect: Dialect) =>
    Object.fromEntries(privateTemplate(NAME, dialect).map(({ type, value }) => [type, value]));

  it('asks for a key that stays on the token, and denies every other power by name', () => {
    expect(fields(FULL)).toEqual({
      ...BARE,
      0x105: false, // DECRYPT
      0x107: false, // UNWRAP
      0x10c: false, // DERIVE
      0x109: false, // SIGN_RECOVER
      0x170: false, // MODIFIABLE
      0x171: false, // COPYABLE
    });
  });

  it('keeps what every token understands where a token takes no more', () => {
    expect(fields(MINIMAL)).toEqual(BARE);
  });
});

it('the template of a public key asks for one that verifies', () => {
  const fields = Object.fromEntries(publicTemplate(NAME).map(({ type, value }) => [type, value]));
  expect(fields).toEqual({
    0x0: 2, // CLASS: public key
    0x100: 0x40,
    0x1: true,
    0x10a: true, // VERIFY
    0x3: 'trading-1',
    0x102: NAME.id,
  });
});

describe('inADialect', () => {
  /** Fails with these codes in turn, then makes a key. */
  const attempts = (...codes: readonly number[]) => {
    const tried: Dialect[] = [];
    const create = (dialect: Dialect): string => {
      tried.push(dialect);
      const code = codes[tried.length - 1];
      if (code !== undefined) throw pkcs11Error(code);
      return 'made';
    };
    return { tried, create };
  };

  it('begins with the strictest and stops at the first that is taken', () => {
    const { tried, create } = attempts();
    expect(inADialect(create)).toBe('made');
    expect(tried).toEqual([FULL]);
  });

  it('gives up denials only after both names of the curve', () => {
    const { tried, create } = attempts(0x13, 0x140, 0xd1);
    expect(inADialect(create)).toBe('made');
    expect(tried).toEqual([
      FULL,
      { ecParams: EC_PARAMS_NAME, denial: 'full' },
      MINIMAL,
      { ecParams: EC_PARAMS_NAME, denial: 'minimal' },
    ]);
  });

  it.each([0x10, 0x12, 0x13, 0x71, 0xd0, 0xd1, 0x130, 0x140])(
    'goes on after CK_RV %i, which refuses the template',
    (code) => {
      const { tried, create } = attempts(code);
      inADialect(create);
      expect(tried).toHaveLength(2);
    },
  );

  it('goes on after a refusal in words, as C_CreateObject gives it', () => {
    const tried: Dialect[] = [];
    inADialect((dialect) => {
      tried.push(dialect);
      if (tried.length === 1) throw new Error('CKR_CURVE_NOT_SUPPORTED:320');
    });
    expect(tried).toEqual([FULL, { ecParams: EC_PARAMS_NAME, denial: 'full' }]);
  });

  it('throws the last refusal when none is taken', () => {
    const { tried, create } = attempts(0x10, 0x12, 0x13, 0xd0);
    expect(() => inADialect(create)).toThrow(`CKR ${String(0xd0)}`);
    expect(tried).toHaveLength(4);
  });

  it.each([0x30, 0x101, 0xa0, 0x06])(
    'asks no further after CK_RV %i, which is not about the template',
    (code) => {
      const { tried, create } = attempts(code);
      expect(() => inADialect(create)).toThrow(`CKR ${String(code)}`);
      expect(tried).toHaveLength(1);
    },
  );

  it('asks no further after an error that is none of the token', () => {
    let tried = 0;
    const create = (): never => {
      tried += 1;
      throw new TypeError('a bug');
    };
    expect(() => inADialect(create)).toThrow(TypeError);
    expect(tried).toBe(1);
  });
});
