import { resolve } from 'node:path';
import { loadConfig } from '../../config/chancery-yaml.js';
import { ChanceryError } from '../../core/errors.js';
import { collect } from '../arguments.js';

export interface PlaceOptions {
  readonly config?: string;
  readonly ledger?: string;
  readonly archive?: readonly string[];
}

/** Arguments of `option`, for every command that reads a ledger from its beginning. */
export const ARCHIVE = [
  '--archive <directory>',
  'where old segments were moved; may stand several times',
  collect,
] as const;

/** The ledger's directory. Throws USAGE when nothing says where it is. */
export function ledgerDirectory({ config, ledger }: PlaceOptions): string {
  if (ledger !== undefined) return resolve(ledger);
  if (config !== undefined) return loadConfig(config).ledger.directory;
  throw new ChanceryError('USAGE', 'say which ledger: --config FILE or --ledger DIRECTORY');
}

/** Where old segments were moved: what is said here, then what chancery.yaml says. */
export function ledgerArchives({ config, archive = [] }: PlaceOptions): readonly string[] {
  return config === undefined ? archive : [...archive, ...loadConfig(config).ledger.archives];
}
