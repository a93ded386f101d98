import { findKey, generateKey, type NewKey } from '../ceremony/keys.js';
import { leftOnToken, recordKey } from '../ceremony/record-key.js';
import { tokenAccess } from '../ceremony/token-access.js';
import type { Config } from '../config/chancery-yaml.js';
import { ChanceryError } from '../core/errors.js';
import { quote } from '../core/schema.js';
import type { TokenAccess } from '../hsm/token-options.js';
import type { Written } from '../ledger/ledger.js';
import type { Path } from '../signing/path.js';
import { tokenRefusal } from './token-refusal.js';

export interface Enrolled {
  readonly key: NewKey;
  readonly entry: Written;
}

/** Key ceremonies at the tokens of the policy in force, recorded in the ledger. */
export interface KeyDesk {
  /** Throws MALFORMED_REQUEST (no such token, label taken), HSM_UNAVAILABLE, LEDGER_UNAVAILABLE. */
  generate(token: string, label: string): Promise<Enrolled>;
  /** A key that lies on the token already. Throws as `generate`. */
  enrol(token: string, label: string): Promise<Enrolled>;
}

export interface KeyDeskParts {
  readonly path: Path;
  readonly config: Config;
  /** The compiled PKCS#11 host. */
  readonly hostScript: string;
  /** Whether anything may be appended now. */
  readonly mayAppend: () => boolean;
}

/**
 * Each ceremony logs in with a host of its own, so that a slow key generation holds up no signature; one at a time,
 * so that two can never both find a label free.
 */
export function keyDesk({ path, config, hostScript, mayAppend }: KeyDeskParts): KeyDesk {
  const { ledger, policies } = path;
  let last: Promise<unknown> = Promise.resolve();

  const access = (name: string): TokenAccess => {
    const { tokens } = policies.inForce(ledger.state);
    const pin = tokens.get(name);
    if (pin !== undefined) return tokenAccess(config, pin, hostScript);
    throw new ChanceryError('MALFORMED_REQUEST', `the policy in force has no token ${quote(name)}`, {
      hint: `it has ${[...tokens.keys()].join(', ')}; a new token needs a policy that names it first`,
    });
  };

  const ceremony = (
    action: 'generate' | 'import',
    token: string,
    work: (access: TokenAccess) => Promise<NewKey>,
  ): Promise<Enrolled> => {
    const done = last.then(async () => {
      // Before the token is touched: a key that cannot be recorded is better not made.
      if (!mayAppend()) throw new ChanceryError('LEDGER_UNAVAILABLE', 'the ledger may have been rolled back');
      const why = ledger.unavailable ?? (ledger.reserved ? ledger.full : null);
      if (why !== null) throw new ChanceryError('LEDGER_UNAVAILABLE', why);
      let key: NewKey;
      try {
        key = await work(access(token));
      } catch (error) {
        const sentence = `no key was ${action === 'generate' ? 'made' : 'recorded'}`;
        throw tokenRefusal(error, 'HSM_UNAVAILABLE', sentence);
      }
      try {
        return { key, entry: await recordKey(ledger, action, token, key) };
      } catch (error) {
        // A key that is imported lay there before, and whoever asked knows.
        throw action === 'generate' ? leftOnToken(error, key.label) : error;
      }
    });
    last = done.catch(() => undefined);
    return done;
  };

  return {
    generate: (token, label) => ceremony('generate', token, (at) => generateKey(at, label)),
    enrol: (token, label) => ceremony('import', token, (at) => findKey(at, label)),
  };
}
