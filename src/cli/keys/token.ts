import { tokenAccess } from '../../ceremony/token-access.js';
import { loadConfig } from '../../config/chancery-yaml.js';
import { ChanceryError } from '../../core/errors.js';
import { quote } from '../../core/schema.js';
import { HOST_SCRIPT } from '../../hsm/host-script.js';
import type { TokenAccess } from '../../hsm/token-options.js';
import { policyTokens } from '../../policy/parse-policy.js';
import { readInput } from '../arguments.js';
import { inFile } from '../in-file.js';

export interface KeysOptions {
  readonly config: string;
  readonly token?: string;
  readonly json?: boolean;
}

/** The token to work on as policy.yaml names it, which may still be a draft. Throws USAGE, POLICY_INVALID. */
export async function chosenToken({
  config: path,
  token,
}: KeysOptions): Promise<{ readonly name: string; readonly access: TokenAccess }> {
  const config = loadConfig(path);
  const { name, token: pin } = chosen(
    await inFile(config.policy, () => policyTokens(readInput(config.policy))),
    token,
  );
  return { name, access: tokenAccess(config, pin, HOST_SCRIPT) };
}

/** The token of the name given, or the only one there is. Throws USAGE. */
export function chosen<Token>(
  tokens: ReadonlyMap<string, Token>,
  wanted: string | undefined,
): { readonly name: string; readonly token: Token } {
  const names = [...tokens.keys()];
  const name = wanted ?? (names.length === 1 ? names[0] : undefined);
  const token = name === undefined ? undefined : tokens.get(name);
  if (name !== undefined && token !== undefined) return { name, token };
  throw new ChanceryError(
    'USAGE',
    name === undefined ? 'say which token: --token NAME' : `no token ${quote(name)}`,
    { hint: names.length === 0 ? 'the policy names no token' : `the policy has ${names.join(', ')}` },
  );
}
