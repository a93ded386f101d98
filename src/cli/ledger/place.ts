import { resolve } from 'node:path';
import { loadConfig } from '../../config/chancery-yaml.js';
import { ChanceryError } from '../../core/errors.js';

export interface PlaceOptions {
  readonly config?: string;
  readonly ledger?: string;
}

/** The ledger's directory. Throws USAGE when nothing says where it is. */
export function ledgerDirectory({ config, ledger }: PlaceOptions): string {
  if (ledger !== undefined) return resolve(ledger);
  if (config !== undefined) return loadConfig(config).ledger.directory;
  throw new ChanceryError('USAGE', 'say which ledger: --config FILE or --ledger DIRECTORY');
}
