import type { Times } from '../policy/verdict.js';
import type { Path } from './path.js';

/** The times of a question that nothing will be written for: those that a request would be decided by now. Milliseconds. */
export function timesNow({ ledger, clock }: Pick<Path, 'ledger' | 'clock'>): Times {
  const { time } = ledger.state;
  return { now: Math.max(time, clock.latest()), entryTime: Math.max(time, clock.wall()) };
}
