import type { Config } from '../config/chancery-yaml.js';
import { systemCode, type Files } from '../core/files.js';
import { getBlob } from '../ledger/store/blobs.js';

/**
 * Bytes that the ledger of a configuration keeps by their SHA-256; null when it has none, or when there is none that
 * this user may read: an operator is another user than the daemon. Throws LEDGER_DAMAGED.
 */
export async function ledgerBlob(config: Config, files: Files, sha256: string): Promise<Uint8Array | null> {
  try {
    return await getBlob(files, config.ledger.directory, sha256);
  } catch (error) {
    if (['EACCES', 'EPERM', 'ENOTDIR'].includes(systemCode(error) ?? '')) return null;
    throw error;
  }
}
