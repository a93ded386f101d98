import type { Config } from '../config/chancery-yaml.js';
import { ChanceryError } from '../core/errors.js';
import type { Policy } from '../policy/policy.js';
import { keysOn, tokenDemands } from './policy-tokens.js';
import { proveKeys } from './prove-keys.js';
import { tokenAccess } from './token-access.js';

/**
 * Holds a policy against the tokens it names before it comes into force without a daemon: each must open, and each
 * key must pass its trust checks and sign for its pinned public key, as the daemon asks of them when it starts. A
 * policy that demands nothing else of its tokens than the one in force is let through unseen: it makes no start fail
 * that would not fail anyway, and narrowing a limit must not wait for a token.
 *
 * Throws CONFIG_INVALID and what `startToken` throws, with what to do.
 */
export async function checkNextTokens(
  config: Config,
  hostScript: string,
  inForce: Policy,
  next: Policy,
): Promise<void> {
  if (tokenDemands(next) === tokenDemands(inForce)) return;
  for (const pin of next.tokens.values()) {
    try {
      await proveKeys(pin.name, tokenAccess(config, pin, hostScript), keysOn(next, pin.name));
    } catch (error) {
      throw error instanceof ChanceryError ? notInForce(error, pin.name) : error;
    }
  }
}

function notInForce(error: ChanceryError, token: string): ChanceryError {
  const { code, message, hint } = error;
  return new ChanceryError(code, `the policy was not brought into force: token ${token}: ${message}`, {
    cause: error,
    hint:
      hint ??
      'nothing was changed; `chancery doctor` looks at the tokens, a running daemon checks them in the same way',
  });
}
