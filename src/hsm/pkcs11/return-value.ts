/** What to do about a failed call, by its CK_RV. */
export type Recovery =
  /** Close the session, which also ends an operation left active, open another, sign again. */
  | 'session'
  /** Log in, find the keys again (old handles are void), sign again. */
  | 'login'
  /** The module or the device is gone: end the host, so that it is started afresh. */
  | 'restart'
  /** Only an operator can help; trying again would use up the PIN's last tries. */
  | 'latch'
  /** Fail this request; nothing suggests that another call would end differently. */
  | 'fail';

/** CKR_OK: the module claimed success, and gave something else than a signature. */
export const NO_SIGNATURE = 0;

const NAMES: ReadonlyMap<number, readonly [string, Recovery, 'costs no try'?]> = new Map([
  [NO_SIGNATURE, ['no signature of 64 bytes, though CKR_OK', 'fail']],
  [0x02, ['CKR_HOST_MEMORY', 'restart', 'costs no try']],
  [0x05, ['CKR_GENERAL_ERROR', 'restart']],
  [0x06, ['CKR_FUNCTION_FAILED', 'fail']],
  [0x10, ['CKR_ATTRIBUTE_READ_ONLY', 'fail']],
  [0x11, ['CKR_ATTRIBUTE_SENSITIVE', 'fail']],
  [0x12, ['CKR_ATTRIBUTE_TYPE_INVALID', 'fail']],
  [0x13, ['CKR_ATTRIBUTE_VALUE_INVALID', 'fail']],
  [0x20, ['CKR_DATA_INVALID', 'fail']],
  [0x21, ['CKR_DATA_LEN_RANGE', 'fail']],
  [0x30, ['CKR_DEVICE_ERROR', 'restart', 'costs no try']],
  [0x31, ['CKR_DEVICE_MEMORY', 'fail', 'costs no try']],
  [0x32, ['CKR_DEVICE_REMOVED', 'restart', 'costs no try']],
  [0x54, ['CKR_FUNCTION_NOT_SUPPORTED', 'fail']],
  [0x60, ['CKR_KEY_HANDLE_INVALID', 'login']],
  [0x63, ['CKR_KEY_TYPE_INCONSISTENT', 'fail']],
  [0x68, ['CKR_KEY_FUNCTION_NOT_PERMITTED', 'fail']],
  [0x70, ['CKR_MECHANISM_INVALID', 'fail']],
  [0x71, ['CKR_MECHANISM_PARAM_INVALID', 'fail']],
  [0x82, ['CKR_OBJECT_HANDLE_INVALID', 'login']],
  [0x90, ['CKR_OPERATION_ACTIVE', 'session', 'costs no try']],
  [0x91, ['CKR_OPERATION_NOT_INITIALIZED', 'session']],
  [0xa0, ['CKR_PIN_INCORRECT', 'latch']],
  [0xa1, ['CKR_PIN_INVALID', 'latch']],
  [0xa2, ['CKR_PIN_LEN_RANGE', 'latch']],
  [0xa3, ['CKR_PIN_EXPIRED', 'latch']],
  [0xa4, ['CKR_PIN_LOCKED', 'latch']],
  [0xb0, ['CKR_SESSION_CLOSED', 'session', 'costs no try']],
  [0xb1, ['CKR_SESSION_COUNT', 'fail', 'costs no try']],
  [0xb3, ['CKR_SESSION_HANDLE_INVALID', 'session', 'costs no try']],
  [0xb5, ['CKR_SESSION_READ_ONLY', 'fail']],
  [0xd0, ['CKR_TEMPLATE_INCOMPLETE', 'fail']],
  [0xd1, ['CKR_TEMPLATE_INCONSISTENT', 'fail']],
  [0xe0, ['CKR_TOKEN_NOT_PRESENT', 'restart', 'costs no try']],
  [0xe1, ['CKR_TOKEN_NOT_RECOGNIZED', 'restart', 'costs no try']],
  [0x100, ['CKR_USER_ALREADY_LOGGED_IN', 'fail']],
  [0x101, ['CKR_USER_NOT_LOGGED_IN', 'login']],
  [0x102, ['CKR_USER_PIN_NOT_INITIALIZED', 'latch']],
  [0x130, ['CKR_DOMAIN_PARAMS_INVALID', 'fail']],
  [0x140, ['CKR_CURVE_NOT_SUPPORTED', 'fail']],
  [0x190, ['CKR_CRYPTOKI_NOT_INITIALIZED', 'restart', 'costs no try']],
]);

/**
 * Whether C_Login may have compared the PIN, and counted a wrong one, before it returned this. Makers have codes of
 * their own for a refused PIN, and general ones may hide one; only what speaks of the session, the memory or the
 * device surely does not.
 */
export function mayHaveCostATry(returnValue: number): boolean {
  return NAMES.get(returnValue)?.[2] !== 'costs no try';
}

export function recoveryFor(returnValue: number): Recovery {
  return NAMES.get(returnValue)?.[1] ?? 'fail';
}

/** `CKR_DEVICE_ERROR (0x30)`; vendor values as hex only. */
export function returnValueName(returnValue: number): string {
  const hex = `0x${returnValue.toString(16)}`;
  const known = NAMES.get(returnValue);
  return known === undefined ? hex : `${known[0]} (${hex})`;
}

/**
 * The CK_RV of an error thrown by pkcs11js; null for any other error. C_CreateObject, C_SetAttributeValue and
 * C_CopyObject throw a plain Error whose message is `CKR_NAME:16`.
 */
export function returnValueOf(error: unknown): number | null {
  if (!(error instanceof Error)) return null;
  if ('code' in error && typeof error.code === 'number' && error.name === 'Pkcs11Error') return error.code;
  const match = /CKR_[A-Z0-9_]+:(\d+)/.exec(error.message);
  return match?.[1] === undefined ? null : Number(match[1]);
}
