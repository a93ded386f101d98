import { formatTime } from '../core/clock.js';
import { ChanceryError } from '../core/errors.js';
import type { State } from '../ledger/state.js';

/**
 * Null while a uid has filled less than its share of the ledger in the last 24 hours, else OVERLOADED with the
 * figures. Repeats count too: they write entries, though no other limit stops them. The last entry may pass the
 * share by its own length.
 */
export function ledgerShareUsed(state: State, uid: number, max: number, now: number): ChanceryError | null {
  const filled = state.filledBy(uid, now);
  if (filled < max) return null;
  const resets = state.filledDrainsTo(uid, max - 1, now);
  const message = `uid ${String(uid)} filled ${String(filled)} bytes of the ledger in 24h; at most ${String(max)} may be`;
  return new ChanceryError('OVERLOADED', message, {
    failures: [
      {
        code: 'OVERLOADED',
        message,
        window: '24h',
        limit: String(max),
        spent: String(filled),
        ...(resets === null ? {} : { resetsAt: formatTime(resets) }),
      },
    ],
    hint: 'wait until resetsAt, or ask the operator: ledger.dailyBytesPerUid in chancery.yaml',
  });
}
