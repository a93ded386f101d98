import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { initialiseToken, openAdministration, type Administration } from '../../../src/hsm/administration.js';
import { softHsmConf } from '../../../src/hsm/softhsm-conf.js';
import { startToken } from '../../../src/hsm/start-token.js';
import type { TokenEvent } from '../../../src/hsm/token-event.js';
import type { TokenAccess, TokenIdentity, TokenKey, TokenTiming } from '../../../src/hsm/token-options.js';
import type { Token } from '../../../src/hsm/token.js';

export const SOFTHSM = '/usr/lib/softhsm/libsofthsm2.so';
const HOST_SCRIPT = fileURLToPath(new URL('../../../dist/hsm/pkcs11/host-main.js', import.meta.url));

/** A fresh SoftHSM token in a directory of its own; `remove` ends everything that was started on it. */
export interface SoftToken {
  readonly directory: string;
  readonly access: TokenAccess;
  readonly identity: TokenIdentity;
  readonly events: TokenEvent[];
  administer<T>(
    work: (administration: Administration) => Promise<T>,
    access?: Partial<TokenAccess>,
  ): Promise<T>;
  /** Generates a key and says how the policy would name it. */
  generate(label: string): Promise<TokenKey>;
  start(keys: readonly TokenKey[], changes?: StartChanges): Promise<Token>;
  /** The same token and keys in another directory, as they are now, without asking SoftHSM. */
  copy(): SoftToken;
  remove(): Promise<void>;
}

export interface StartChanges extends Partial<TokenAccess> {
  readonly timing?: Partial<TokenTiming>;
}

export async function softToken(label = 'test'): Promise<SoftToken> {
  const directory = freshDirectory();
  const { environment, pinFile } = places(directory);
  const options = { module: SOFTHSM, environment, label, pinFile, hostScript: HOST_SCRIPT };
  return tokenIn(directory, await initialiseToken(options));
}

function freshDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'chancery-hsm-'));
  for (const name of ['tokens', 'secrets', 'latch']) mkdirSync(join(directory, name), { mode: 0o700 });
  writeFileSync(join(directory, 'softhsm2.conf'), softHsmConf(join(directory, 'tokens')));
  return directory;
}

function places(directory: string): { environment: Record<string, string>; pinFile: string } {
  return {
    environment: { SOFTHSM2_CONF: join(directory, 'softhsm2.conf') },
    pinFile: join(directory, 'secrets/pin'),
  };
}

function tokenIn(directory: string, identity: TokenIdentity): SoftToken {
  const { environment, pinFile } = places(directory);
  const access: TokenAccess = {
    module: SOFTHSM,
    environment,
    pin: { file: pinFile },
    pinned: identity,
    hostScript: HOST_SCRIPT,
    latchDirectory: join(directory, 'latch'),
  };
  const events: TokenEvent[] = [];
  const started: Token[] = [];

  const administer: SoftToken['administer'] = async (work, changes = {}) => {
    const administration = await openAdministration({ ...access, ...changes });
    try {
      return await work(administration);
    } finally {
      await administration.close();
    }
  };

  return {
    directory,
    access,
    identity,
    events,
    administer,
    generate: async (label) => {
      const { publicKey, objectId } = await administer((administration) =>
        administration.generateKey({ label }),
      );
      return { id: label, label, publicKey, objectId };
    },
    start: async (keys, changes = {}) => {
      const report = (event: TokenEvent): void => void events.push(event);
      const token = await startToken({ ...access, name: 'main', keys, report, ...changes });
      started.push(token);
      return token;
    },
    copy: () => {
      const copy = freshDirectory();
      for (const name of ['tokens', 'secrets']) {
        cpSync(join(directory, name), join(copy, name), { recursive: true });
      }
      return tokenIn(copy, identity);
    },
    remove: async () => {
      await Promise.all(started.map((token) => token.close()));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
