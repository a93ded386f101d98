import type pkcs11js from 'pkcs11js';
import {
  CKA_CLASS,
  CKA_COPYABLE,
  CKA_DECRYPT,
  CKA_DERIVE,
  CKA_EXTRACTABLE,
  CKA_ID,
  CKA_KEY_TYPE,
  CKA_LABEL,
  CKA_MODIFIABLE,
  CKA_PRIVATE,
  CKA_SENSITIVE,
  CKA_SIGN,
  CKA_SIGN_RECOVER,
  CKA_TOKEN,
  CKA_UNWRAP,
  CKA_VERIFY,
  CKK_EC_EDWARDS,
  CKO_PRIVATE_KEY,
  CKO_PUBLIC_KEY,
  EC_PARAMS_NAME,
  EC_PARAMS_OID,
} from './cryptoki.js';
import { returnValueOf } from './return-value.js';

export interface KeyName {
  readonly label: string;
  readonly id: Buffer;
}

/** What tokens refuse a template with. */
const TEMPLATE_REFUSED: ReadonlySet<number> = new Set([0x10, 0x12, 0x13, 0x71, 0xd0, 0xd1, 0x130, 0x140]);

/** One way to describe a new key to a token. */
export interface Dialect {
  readonly ecParams: Buffer;
  /** Whether every power is denied by name, or only what every token understands is said. */
  readonly denial: 'full' | 'minimal';
}

/** In the order in which they are tried: the strictest first, both names of the curve. */
const DIALECTS: readonly Dialect[] = [
  { ecParams: EC_PARAMS_OID, denial: 'full' },
  { ecParams: EC_PARAMS_NAME, denial: 'full' },
  { ecParams: EC_PARAMS_OID, denial: 'minimal' },
  { ecParams: EC_PARAMS_NAME, denial: 'minimal' },
];

/**
 * Creates by the first dialect that the token accepts. A minimal template leaves powers at the token's defaults,
 * so the caller MUST judge what was made. Throws the last refusal.
 */
export function inADialect<T>(create: (dialect: Dialect) => T): T {
  let refusal: unknown;
  for (const dialect of DIALECTS) {
    try {
      return create(dialect);
    } catch (error) {
      const returnValue = returnValueOf(error);
      if (returnValue === null || !TEMPLATE_REFUSED.has(returnValue)) throw error;
      refusal = error;
    }
  }
  throw refusal;
}

/** SoftHSM gives what is not denied: DECRYPT, UNWRAP, SIGN_RECOVER, MODIFIABLE and COPYABLE default to true there. */
export function privateTemplate({ label, id }: KeyName, { denial }: Dialect): pkcs11js.Attribute[] {
  const minimal = [
    { type: CKA_CLASS, value: CKO_PRIVATE_KEY },
    { type: CKA_KEY_TYPE, value: CKK_EC_EDWARDS },
    { type: CKA_TOKEN, value: true },
    { type: CKA_PRIVATE, value: true },
    { type: CKA_SENSITIVE, value: true },
    { type: CKA_EXTRACTABLE, value: false },
    { type: CKA_SIGN, value: true },
    { type: CKA_LABEL, value: label },
    { type: CKA_ID, value: id },
  ];
  if (denial === 'minimal') return minimal;
  const denied = [CKA_DECRYPT, CKA_UNWRAP, CKA_DERIVE, CKA_SIGN_RECOVER, CKA_MODIFIABLE, CKA_COPYABLE];
  return [...minimal, ...denied.map((type) => ({ type, value: false }))];
}

export function publicTemplate({ label, id }: KeyName): pkcs11js.Attribute[] {
  return [
    { type: CKA_CLASS, value: CKO_PUBLIC_KEY },
    { type: CKA_KEY_TYPE, value: CKK_EC_EDWARDS },
    { type: CKA_TOKEN, value: true },
    { type: CKA_VERIFY, value: true },
    { type: CKA_LABEL, value: label },
    { type: CKA_ID, value: id },
  ];
}
