import { statSync } from 'node:fs';
import { ChanceryError } from '../core/errors.js';

/** The daemon's user, whose ledger it is, whoever asks; null when the directory is not there or cannot be looked at. */
export function ledgerOwner(directory: string): number | null {
  try {
    return statSync(directory).uid;
  } catch {
    return null;
  }
}

/**
 * Who writes a ledger must be the user it belongs to. Root may write any, and leaves segments that the daemon's user
 * can no longer read: its next start would fail. A directory that is not there is for others to report. Throws
 * PERMISSION_UNSAFE.
 */
export function mustOwnLedger(directory: string, user = process.geteuid?.()): void {
  const owner = statSync(directory, { throwIfNoEntry: false })?.uid;
  if (owner === undefined || owner === user) return;
  throw new ChanceryError(
    'PERMISSION_UNSAFE',
    `the ledger in ${directory} belongs to uid ${String(owner)}, and this runs as uid ${String(user)}: nothing was written`,
    { hint: `run it as the daemon's user: sudo -u '#${String(owner)}' …` },
  );
}
