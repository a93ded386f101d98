import type { NewKey } from '../../ceremony/keys.js';
import { leftOnToken, recordKey } from '../../ceremony/record-key.js';
import { tokenAccess } from '../../ceremony/token-access.js';
import { loadConfig } from '../../config/chancery-yaml.js';
import { ChanceryError } from '../../core/errors.js';
import { HOST_SCRIPT } from '../../hsm/host-script.js';
import type { TokenAccess } from '../../hsm/token-options.js';
import type { AdminMethods } from '../../protocol/admin-methods.js';
import type { ResultOf } from '../../protocol/method.js';
import { wireEntry } from '../../protocol/wire-entry.js';
import type { AdminSession } from '../admin-socket.js';
import { daemonOrLedger } from '../daemon-or-ledger.js';
import { inForce } from '../in-force.js';
import { chosen, chosenToken, type KeysOptions } from './token.js';

/** Key generation in a slow token. Milliseconds. */
const TOKEN_MS = 120_000;

/** A key made or brought, on the token of this name, with the entry that records it. */
export interface Enrolled extends Omit<NewKey, 'publicKey'> {
  readonly token: string;
  /** Base58. */
  readonly publicKey: string;
  /** Null while there is no ledger: genesis and the first policy will name the key. */
  readonly entry: { readonly sequence: string; readonly hash: string } | null;
}

export interface KeyCeremony {
  readonly action: 'generate' | 'import';
  readonly label: string;
  /** The work at the token, when this process does it. */
  readonly atToken: (access: TokenAccess) => Promise<NewKey>;
  /** What this process does at the token before a running daemon records the key; the daemon takes no files. */
  readonly beforeDaemon?: (access: TokenAccess) => Promise<unknown>;
}

/**
 * Has the daemon do it, on a token of the policy in force; when none runs does it under the ledger's lock; before
 * there is a ledger does it on a token that policy.yaml names, draft or not, and nothing is recorded.
 */
export async function enrolKey(options: KeysOptions, ceremony: KeyCeremony): Promise<Enrolled> {
  const { action, label, atToken } = ceremony;
  try {
    return await daemonOrLedger<Enrolled>(
      options,
      (session) => askDaemon(session, options, ceremony),
      async ({ ledger, policy }, config) => {
        const { name, token } = chosen(policy.tokens, options.token);
        const key = await atToken(tokenAccess(config, token, HOST_SCRIPT));
        const entry = await recordKey(ledger, action, name, key).catch((error: unknown) => {
          throw leftOnToken(error, label);
        });
        return { ...key, token: name, entry: wireEntry(entry) };
      },
    );
  } catch (error) {
    if (!(error instanceof ChanceryError) || error.code !== 'LEDGER_MISSING') throw error;
    const { name, access } = await chosenToken(options);
    return { ...(await atToken(access)), label, token: name, entry: null };
  }
}

async function askDaemon(
  session: AdminSession,
  options: KeysOptions,
  { action, label, beforeDaemon }: KeyCeremony,
): Promise<Enrolled> {
  const { tokens } = await session.call('getStatus', {});
  const { name: token } = chosen(new Map(tokens.map((one) => [one.name, one])), options.token);
  if (beforeDaemon !== undefined) {
    const config = loadConfig(options.config);
    const { policy } = await inForce(config);
    await beforeDaemon(tokenAccess(config, chosen(policy.tokens, token).token, HOST_SCRIPT));
  }
  const method = action === 'generate' ? 'keyGenerate' : 'keyImport';
  const asked = session.call(method, { token, label }, { timeout: TOKEN_MS });
  const made: ResultOf<AdminMethods['keyGenerate']> = await asked.catch((error: unknown) => {
    throw beforeDaemon === undefined ? error : leftOnToken(error, label);
  });
  const { publicKey, id, entry } = made;
  return { label, objectId: id, publicKey, token, entry };
}
