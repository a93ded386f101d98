import { tokenAccess } from '../../ceremony/token-access.js';
import type { NewKey } from '../../ceremony/keys.js';
import { loadConfig } from '../../config/chancery-yaml.js';
import { ChanceryError } from '../../core/errors.js';
import type { TokenAccess } from '../../hsm/token-options.js';
import { HOST_SCRIPT } from '../host-script.js';
import type { Printed } from '../output.js';
import { readPolicyFile } from '../policy-file.js';

export interface KeysOptions {
  readonly config: string;
  readonly token?: string;
  readonly json?: boolean;
}

/** The token to work on, by its name in the policy; the only one when none is named. Throws USAGE. */
export async function chosenToken({ config: path, token }: KeysOptions): Promise<TokenAccess> {
  const config = loadConfig(path);
  const { tokens } = (await readPolicyFile(config.policy)).policy;
  const names = [...tokens.keys()];
  const name = token ?? (names.length === 1 ? names[0] : undefined);
  const pin = name === undefined ? undefined : tokens.get(name);
  if (pin !== undefined) return tokenAccess(config, pin, HOST_SCRIPT);
  throw new ChanceryError(
    'USAGE',
    name === undefined ? 'say which token: --token NAME' : `no token ${JSON.stringify(name)}`,
    {
      hint: `the policy has ${names.join(', ')}`,
    },
  );
}

/** A new key, and what to write into the policy. */
export function newKeyText(token: string | undefined, key: NewKey, imported: boolean): Printed {
  const text = [
    `${imported ? 'imported' : 'generated'} ${key.label}`,
    `  public key  ${key.publicKey}`,
    `  object id   ${key.objectId}`,
    'it signs for nobody until a policy names it:',
    `  - id: ${key.label}`,
    `    token: ${token ?? 'main'}`,
    `    object: { label: ${key.label}, id: ${key.objectId} }`,
    `    publicKey: ${key.publicKey}`,
    '    role: wallet',
  ];
  return { text: text.join('\n'), json: key };
}
