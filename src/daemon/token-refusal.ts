import { ChanceryError, isWireCode, type WireCode } from '../core/errors.js';

/** Codes that mean the request names a key the token does not have, or has already. */
const ABOUT_THE_REQUEST: ReadonlySet<string> = new Set(['KEY_NOT_FOUND', 'KEY_AMBIGUOUS']);

/**
 * What an operator is told when a token turned a ceremony down. The codes of tokens are local ones, which no socket
 * carries; the operator who asked must still learn which key, and what to do.
 */
export function tokenRefusal(
  error: unknown,
  code: Extract<WireCode, 'STATEMENT_INVALID' | 'HSM_UNAVAILABLE'>,
  sentence: string,
): unknown {
  if (!(error instanceof ChanceryError) || isWireCode(error.code)) return error;
  const ours = code === 'HSM_UNAVAILABLE' && ABOUT_THE_REQUEST.has(error.code) ? 'MALFORMED_REQUEST' : code;
  return new ChanceryError(ours, `${sentence}: ${error.code}: ${error.message}`, {
    cause: error,
    hint: error.hint,
  });
}
