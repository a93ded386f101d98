import type pkcs11js from 'pkcs11js';
import { returnValueOf } from './return-value.js';

const ATTRIBUTE_SENSITIVE = 0x11;
const ATTRIBUTE_TYPE_INVALID = 0x12;

/**
 * One attribute, or null when the token does not know it. Asked one at a time: in a call for several, one that is
 * unsupported fails them all.
 */
export function readAttribute(
  module: pkcs11js.PKCS11,
  session: pkcs11js.Handle,
  object: pkcs11js.Handle,
  type: number,
): Buffer | null {
  try {
    return module.C_GetAttributeValue(session, object, [{ type }])[0]?.value ?? null;
  } catch (error) {
    const returnValue = returnValueOf(error);
    if (returnValue === ATTRIBUTE_TYPE_INVALID || returnValue === ATTRIBUTE_SENSITIVE) return null;
    throw error;
  }
}

/** CK_BBOOL; null when absent or not one byte of 0 or 1. */
export function asBoolean(value: Buffer | null): boolean | null {
  if (value?.length !== 1) return null;
  return value[0] === 0 ? false : value[0] === 1 ? true : null;
}

/** CK_ULONG in the byte order of this machine, 4 or 8 bytes; null when absent or of another length. */
export function asNumber(value: Buffer | null): number | null {
  if (value?.length === 8) return Number(value.readBigUInt64LE());
  return value?.length === 4 ? value.readUInt32LE() : null;
}
