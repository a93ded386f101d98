import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compiled } from '../compiled.js';
import { SOFTHSM } from './soft-token.js';

const SOURCE = fileURLToPath(new URL('fault-module.c', import.meta.url));

/** fault-module.c in front of a SoftHSM token; see there for the commands. */
export interface FaultyModule {
  /** What `start` and `administer` need to go through it. */
  readonly access: { readonly module: string; readonly environment: Readonly<Record<string, string>> };
  /** Replaces all commands; none forwards everything. */
  command(...lines: readonly string[]): void;
  /** How often each intercepted function was called since the start. */
  calls(name: 'C_SignInit' | 'C_Sign' | 'C_Login' | 'C_OpenSession'): number;
}

/** Its files are in `directory`; SoftHSM needs `environment`. */
export function faultyModule(directory: string, softHsm: Readonly<Record<string, string>>): FaultyModule {
  const control = join(directory, 'fault-control');
  const log = join(directory, 'fault-log');
  const environment = {
    ...softHsm,
    FAULT_MODULE: SOFTHSM,
    FAULT_CONTROL: control,
    FAULT_LOG: log,
  };
  return {
    access: { module: compiled(SOURCE, ['-I/usr/include/p11-kit-1']), environment },
    command: (...lines) => {
      // By rename: the module never reads half a command.
      writeFileSync(`${control}.new`, lines.map((line) => `${line}\n`).join(''));
      renameSync(`${control}.new`, control);
    },
    calls: (name) => {
      const names = existsSync(log) ? readFileSync(log, 'utf8').split('\n') : [];
      return names.filter((one) => one === name).length;
    },
  };
}
