import { signedSince } from '../ceremony/signed-since.js';
import type { Clock } from '../core/clock.js';
import type { Files } from '../core/files.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Log } from '../operations/log.js';
import { LANDING_MS } from '../protocol/admin-methods.js';
import type { RecentSignatures } from './recent-signatures.js';

export interface SignedBeforeParts {
  readonly ledger: Pick<Ledger, 'state'>;
  readonly files: Files;
  readonly directory: string;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Adds what may still land of what was signed before this process began, out of the ledger. One that cannot be
 * read here is logged and stops nothing.
 */
export async function addSignedBefore(
  recent: RecentSignatures,
  { ledger, files, directory, clock, log }: SignedBeforeParts,
): Promise<void> {
  // By the later of both, as a freeze asks: a clock that lags by years would have the whole ledger read.
  const since = Math.max(ledger.state.time, clock.wall()) - LANDING_MS;
  // One that was idle is not read again.
  if (ledger.state.time < since) return;
  try {
    await signedSince(files, directory, since, (signed) => {
      recent.add(signed);
    });
  } catch (error) {
    log.error('recent_signatures_unread', { message: String(error) });
  }
}
