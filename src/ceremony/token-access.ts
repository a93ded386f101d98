import { join } from 'node:path';
import type { Config } from '../config/chancery-yaml.js';
import { ChanceryError } from '../core/errors.js';
import type { TokenAccess } from '../hsm/token-options.js';
import type { TokenPin } from '../policy/policy.js';

/**
 * How this configuration reaches a token that the policy pins. Daemon and ceremonies MUST use the same directory
 * for refused PINs: with two of them a wrong PIN would be tried twice. Throws CONFIG_INVALID when chancery.yaml
 * does not name the token.
 */
export function tokenAccess(config: Config, pin: TokenPin, hostScript: string): TokenAccess {
  const token = config.tokens.get(pin.name);
  if (token === undefined) {
    throw new ChanceryError(
      'CONFIG_INVALID',
      `the policy names the token ${pin.name}, chancery.yaml does not`,
      {
        hint: `add tokens.${pin.name} with its module and PIN source to chancery.yaml; a running daemon reads it when it starts again`,
      },
    );
  }
  const { manufacturer, model, serial, label } = pin;
  return {
    module: token.module,
    environment: token.environment,
    pin: token.pin,
    pinned: { manufacturer, model, serial, label },
    hostScript,
    latchDirectory: join(config.directory, 'secrets'),
  };
}
