import { ChanceryError } from '../core/errors.js';
import type { PeerCredentials } from '../os/peer-credentials.js';

/** /proc/sys/kernel/overflowuid and overflowgid: what every id without a mapping in our user namespace looks like. */
export const OVERFLOW_ID = 65_534;

/** Inside a namespace every stranger has the same pid and uid, so neither says who it is: WORKLOAD_UNKNOWN. */
export function refuseForeign({ pid, uid }: PeerCredentials): void {
  if (pid > 0 && uid !== OVERFLOW_ID) return;
  throw new ChanceryError(
    'WORKLOAD_UNKNOWN',
    `the calling process cannot be told from others: pid ${String(pid)}, uid ${String(uid)}`,
    {
      hint: 'run the agent in the pid and user namespace of the daemon, under a uid of its own (not nobody)',
    },
  );
}
