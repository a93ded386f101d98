import type { TokenIdentity } from '../token-options.js';
import { CKM_EC_EDWARDS_KEY_PAIR_GEN, CKM_EDDSA } from './cryptoki.js';

/** Where tokens differ from the standard; each line says where it is known from. */
interface Quirk {
  readonly manufacturer: RegExp;
  /** CKF_USER_PIN_COUNT_LOW is set after a refused PIN and cleared by a good login. */
  readonly countsVisibly?: true;
  /** Values the module lists instead of CKM_EDDSA and CKM_EC_EDWARDS_KEY_PAIR_GEN. */
  readonly eddsa?: number;
  readonly keyGeneration?: number;
}

const QUIRKS: readonly Quirk[] = [
  // Run on SoftHSM 2.6.1: test/fault/hsm/pin.test.ts.
  { manufacturer: /^SoftHSM project$/, countsVisibly: true },
  // From Luna's header files, not run by us.
  { manufacturer: /^(?:SafeNet|Thales)/, eddsa: 0x80000c03, keyGeneration: 0x80000c01 },
];

function quirkOf(identity: TokenIdentity): Quirk | undefined {
  return QUIRKS.find((quirk) => quirk.manufacturer.test(identity.manufacturer));
}

/**
 * Whether the absence of CKF_USER_PIN_COUNT_LOW proves that no PIN was refused since the last good login. Many
 * tokens never set the flag, so elsewhere it proves nothing.
 */
export function countsVisibly(identity: TokenIdentity): boolean {
  return quirkOf(identity)?.countsVisibly === true;
}

export interface Mechanisms {
  readonly eddsa: number;
  readonly keyGeneration: number;
}

/** The values under which this token offers Ed25519, or null when it does not. `listed`: C_GetMechanismList. */
export function edwardsMechanisms(identity: TokenIdentity, listed: readonly number[]): Mechanisms | null {
  if (listed.includes(CKM_EDDSA)) return { eddsa: CKM_EDDSA, keyGeneration: CKM_EC_EDWARDS_KEY_PAIR_GEN };
  const quirk = quirkOf(identity);
  if (quirk?.eddsa === undefined || quirk.keyGeneration === undefined || !listed.includes(quirk.eddsa))
    return null;
  return { eddsa: quirk.eddsa, keyGeneration: quirk.keyGeneration };
}
