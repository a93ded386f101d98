import { startToken } from '../hsm/start-token.js';
import type { TokenAccess, TokenKey } from '../hsm/token-options.js';

/**
 * Starts the host of a token as the daemon does, which makes each key prove its public key, and stops it again. Throws
 * what `startToken` throws.
 */
export async function proveKeys(name: string, access: TokenAccess, keys: readonly TokenKey[]): Promise<void> {
  const token = await startToken({ ...access, name, keys, report: () => undefined });
  await token.close();
}
