import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SOFTHSM, type SoftToken } from './soft-token.js';

const SOURCE = fileURLToPath(new URL('fault-module.c', import.meta.url));
const CACHE = fileURLToPath(new URL('../../../node_modules/.cache/chancery-fault-module/', import.meta.url));

/** fault-module.c in front of a SoftHSM token; see there for the commands. */
export interface FaultyModule {
  /** What `start` and `administer` need to go through it. */
  readonly access: { readonly module: string; readonly environment: Readonly<Record<string, string>> };
  /** Replaces all commands; none forwards everything. */
  command(...lines: readonly string[]): void;
  /** How often each intercepted function was called since the start. */
  calls(name: 'C_SignInit' | 'C_Sign' | 'C_Login' | 'C_OpenSession'): number;
}

export function faultyModule(soft: SoftToken): FaultyModule {
  const control = join(soft.directory, 'fault-control');
  const log = join(soft.directory, 'fault-log');
  const environment = {
    ...soft.access.environment,
    FAULT_MODULE: SOFTHSM,
    FAULT_CONTROL: control,
    FAULT_LOG: log,
  };
  return {
    access: { module: compiledFaultModule(), environment },
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

function compiledFaultModule(): string {
  const digest = createHash('sha256').update(readFileSync(SOURCE)).digest('hex').slice(0, 16);
  const path = join(CACHE, `fault-module-${digest}.so`);
  if (!existsSync(path)) {
    mkdirSync(dirname(path), { recursive: true });
    const unfinished = `${path}.${String(process.pid)}`;
    const flags = ['-Wall', '-Werror', '-fPIC', '-shared', '-fvisibility=hidden', '-I/usr/include/p11-kit-1'];
    execFileSync('gcc', [...flags, '-o', unfinished, SOURCE, '-ldl'], { stdio: ['ignore', 'pipe', 'pipe'] });
    renameSync(unfinished, path);
  }
  return path;
}
