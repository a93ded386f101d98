import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { LedgerFiles } from '../../audit/read/segments.js';
import { loadConfig } from '../../config/chancery-yaml.js';
import { ChanceryError } from '../../core/errors.js';
import { collect } from '../arguments.js';

export interface PlaceOptions {
  readonly config?: string;
  readonly ledger?: string;
  readonly archive?: readonly string[];
}

/** `--config`, `--ledger` and `--archive`, of every command that reads a ledger. */
export function withPlace(command: Command): Command {
  return command
    .option('--config <file>', 'chancery.yaml, for the directory and its archives')
    .option('--ledger <directory>', 'the ledger itself')
    .option('--archive <directory>', 'where old segments were moved; may stand several times', collect);
}

/**
 * Where the ledger is; the archives of chancery.yaml are those of its own ledger only. Throws USAGE when nothing says
 * which is meant.
 */
export function ledgerFiles({ config, ledger, archive = [] }: PlaceOptions): Required<LedgerFiles> {
  if (ledger !== undefined) return { directory: resolve(ledger), archives: archive };
  if (config === undefined) {
    throw new ChanceryError('USAGE', 'say which ledger: --config FILE or --ledger DIRECTORY');
  }
  const { directory, archives } = loadConfig(config).ledger;
  return { directory, archives: [...archive, ...archives.filter(isThere)] };
}

/** One that is not there, or not mounted, holds no segment, for the daemon too; whoever reads is told. */
function isThere(archive: string): boolean {
  if (statSync(archive, { throwIfNoEntry: false }) !== undefined) return true;
  process.stderr.write(`note: the archive ${archive} of chancery.yaml is not there\n`);
  return false;
}
