import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { initialiseToken, openAdministration, type Administration } from '../../../src/hsm/administration.js';
import { softHsmConf } from '../../../src/hsm/softhsm-conf.js';
import { startToken } from '../../../src/hsm/start-token.js';
import type { TokenEvent } from '../../../src/hsm/token-event.js';
import type { TokenAccess, TokenIdentity, TokenKey, TokenTiming } from '../../../src/hsm/token-options.js';
import type { Token } from '../../../src/hsm/token.js';
import { compiledHost } from './compiled-host.js';

export const SOFTHSM = '/usr/lib/softhsm/libsofthsm2.so';

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
  remove(): Promise<void>;
}

export interface StartChanges extends Partial<TokenAccess> {
  readonly timing?: Partial<TokenTiming>;
}

export async function softToken(label = 'test'): Promise<SoftToken> {
  const directory = mkdtempSync(join(tmpdir(), 'chancery-hsm-'));
  for (const name of ['tokens', 'secrets', 'latch']) mkdirSync(join(directory, name), { mode: 0o700 });
  writeFileSync(join(directory, 'softhsm2.conf'), softHsmConf(join(directory, 'tokens')));
  const environment = { SOFTHSM2_CONF: join(directory, 'softhsm2.conf') };
  const pinFile = join(directory, 'secrets/pin');
  const hostScript = compiledHost();
  const identity = await initialiseToken({ module: SOFTHSM, environment, label, pinFile, hostScript });
  const latchDirectory = join(directory, 'latch');
  const access = {
    module: SOFTHSM,
    environment,
    pin: { file: pinFile },
    pinned: identity,
    hostScript,
    latchDirectory,
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
    generate: async (keyLabel) => {
      const { publicKey, objectId } = await administer((administration) =>
        administration.generateKey({ label: keyLabel }),
      );
      return { id: keyLabel, label: keyLabel, publicKey, objectId };
    },
    start: async (keys, changes = {}) => {
      const report = (event: TokenEvent): void => void events.push(event);
      const token = await startToken({ ...access, name: 'main', keys, sessions: 2, report, ...changes });
      started.push(token);
      return token;
    },
    remove: async () => {
      await Promise.all(started.map((token) => token.close()));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
