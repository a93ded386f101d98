import { SupervisedToken } from './supervised-token.js';
import type { TokenOptions } from './token-options.js';
import type { Token } from './token.js';

/**
 * Starts the token's host, logs in, finds, judges and proves every key, and resolves to a signer for them.
 *
 * Rejects, with what to do as hint: FILE_UNREADABLE (module, PIN, record of refused PINs), PERMISSION_UNSAFE (PIN
 * file), TOKEN_NOT_FOUND, TOKEN_MISMATCH, PIN_REFUSED (by the token, by its flags, or by our memory of it),
 * KEY_NOT_FOUND, KEY_AMBIGUOUS, KEY_UNTRUSTED, HSM_UNAVAILABLE. Afterwards a host that dies is started again; a
 * restart that meets an error which time cannot cure latches the token.
 */
export async function startToken(options: TokenOptions): Promise<Token> {
  const token = new SupervisedToken(options);
  try {
    await token.start();
  } catch (error) {
    await token.close();
    throw error;
  }
  return token;
}
