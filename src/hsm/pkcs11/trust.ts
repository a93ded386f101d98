import type { KeyCheck, Waiver } from '../../core/key-checks.js';
import type { KeyFinding } from '../key-report.js';
import { waives } from '../waiver.js';
import { asBoolean, asNumber } from './attribute.js';
import {
  CKA_ALWAYS_AUTHENTICATE,
  CKA_ALWAYS_SENSITIVE,
  CKA_CLASS,
  CKA_DECRYPT,
  CKA_DERIVE,
  CKA_EXTRACTABLE,
  CKA_KEY_GEN_MECHANISM,
  CKA_KEY_TYPE,
  CKA_LOCAL,
  CKA_NEVER_EXTRACTABLE,
  CKA_PRIVATE,
  CKA_SENSITIVE,
  CKA_SIGN,
  CKA_SIGN_RECOVER,
  CKA_TOKEN,
  CKA_UNWRAP,
  CKK_EC_EDWARDS,
  CKO_PRIVATE_KEY,
} from './cryptoki.js';

interface Check {
  readonly check: KeyCheck;
  readonly attribute: number;
  readonly expected: boolean | number;
  /** A token that does not know the attribute cannot grant the power it names, and cannot prove what it states. */
  readonly absent: 'pass' | 'fail';
}

function checks(keyGeneration: number): readonly Check[] {
  return [
    { check: 'class', attribute: CKA_CLASS, expected: CKO_PRIVATE_KEY, absent: 'fail' },
    // CKK_EC with an Edwards curve also signs on SoftHSM: another key type, another contract.
    { check: 'key-type', attribute: CKA_KEY_TYPE, expected: CKK_EC_EDWARDS, absent: 'fail' },
    { check: 'on-token', attribute: CKA_TOKEN, expected: true, absent: 'fail' },
    { check: 'private', attribute: CKA_PRIVATE, expected: true, absent: 'fail' },
    { check: 'sensitive', attribute: CKA_SENSITIVE, expected: true, absent: 'fail' },
    { check: 'not-extractable', attribute: CKA_EXTRACTABLE, expected: false, absent: 'fail' },
    { check: 'always-sensitive', attribute: CKA_ALWAYS_SENSITIVE, expected: true, absent: 'fail' },
    { check: 'never-extractable', attribute: CKA_NEVER_EXTRACTABLE, expected: true, absent: 'fail' },
    { check: 'local', attribute: CKA_LOCAL, expected: true, absent: 'fail' },
    {
      check: 'generated-on-token',
      attribute: CKA_KEY_GEN_MECHANISM,
      expected: keyGeneration,
      absent: 'fail',
    },
    { check: 'can-sign', attribute: CKA_SIGN, expected: true, absent: 'fail' },
    { check: 'cannot-decrypt', attribute: CKA_DECRYPT, expected: false, absent: 'pass' },
    { check: 'cannot-unwrap', attribute: CKA_UNWRAP, expected: false, absent: 'pass' },
    { check: 'cannot-derive', attribute: CKA_DERIVE, expected: false, absent: 'pass' },
    { check: 'cannot-sign-recover', attribute: CKA_SIGN_RECOVER, expected: false, absent: 'pass' },
    { check: 'no-pin-per-use', attribute: CKA_ALWAYS_AUTHENTICATE, expected: false, absent: 'pass' },
  ];
}

/**
 * Judges a private key by its attributes; `read` gives null for one the token does not know. A waiver turns a
 * failure into `waived`, which stays visible.
 */
export function judgeKey(
  read: (attribute: number) => Buffer | null,
  keyGeneration: number,
  waivers: readonly Waiver[],
): readonly KeyFinding[] {
  return checks(keyGeneration).map(({ check, attribute, expected, absent }) => {
    const raw = read(attribute);
    const value = typeof expected === 'boolean' ? asBoolean(raw) : asNumber(raw);
    const good = raw === null ? absent === 'pass' : value === expected;
    const verdict = good ? 'pass' : waives(waivers, check) ? 'waived' : 'fail';
    return { check, verdict, expected: show(expected), actual: raw === null ? 'unsupported' : show(value) };
  });
}

function show(value: boolean | number | null): string {
  if (value === null) return 'malformed';
  return typeof value === 'boolean' ? String(value) : `0x${value.toString(16)}`;
}
