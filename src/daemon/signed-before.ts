import type { Clock } from '../core/clock.js';
import type { Files } from '../core/files.js';
import type { Ledger } from '../ledger/ledger.js';
import { linesSince } from '../ledger/store/lines-since.js';
import type { Log } from '../operations/log.js';
import { LANDING_MS } from '../protocol/admin-methods.js';
import type { Recent, RecentSignatures } from './recent-signatures.js';

/** An outcome follows its authorization by less, else the request has failed. Milliseconds. */
const LONGEST_REQUEST_MS = 60_000;

export interface SignedBeforeParts {
  readonly ledger: Pick<Ledger, 'state'>;
  readonly files: Files;
  readonly directory: string;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Adds what may still land of what was signed before this process began, out of the ledger. Whether a signature was
 * handed over before that process ended nobody knows: all of them may have been. A ledger that cannot be read here is
 * logged and stops nothing.
 */
export async function addSignedBefore(
  recent: RecentSignatures,
  { ledger, files, directory, clock, log }: SignedBeforeParts,
): Promise<void> {
  // By the later of both, as a freeze asks: a clock that lags by years would have the whole ledger read.
  const since = Math.max(ledger.state.time, clock.wall()) - LANDING_MS;
  // One that was idle is not read again.
  if (ledger.state.time < since) return;
  const authorized = new Map<string, Pick<Recent, 'key' | 'publicKey'>>();
  try {
    await linesSince(files, directory, since - LONGEST_REQUEST_MS, ({ entry, sequence, time }) => {
      if (entry.type === 'authorization') authorized.set(entry.sequence, entry);
      if (entry.type !== 'signature') return;
      const by = authorized.get(entry.authorization);
      authorized.delete(entry.authorization);
      if (by === undefined || time < since) return;
      const { key, publicKey } = by;
      recent.add({ time, key, publicKey, signature: entry.signature, sequence });
    });
  } catch (error) {
    log.error('recent_signatures_unread', { message: String(error) });
  }
}
