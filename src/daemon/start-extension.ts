import type { ServiceState } from '../os/sd-notify.js';

const EVERY_MS = 10_000;
/**
 * In microseconds, as systemd counts: ten minutes, since tokens and anchors are started behind the ledger, within the
 * last extension. It never shortens what the unit allows (TimeoutStartSec).
 */
const EXTENSION = 'EXTEND_TIMEOUT_USEC=600000000';

/**
 * To be called as the ledger is read: asks the service manager for more time now and then. A ledger that takes longer
 * than the unit allows, without a snapshot, would be killed before it is read, and started again, for ever.
 */
export function startExtension(
  notify: (state: ServiceState) => unknown,
  now: () => number = () => performance.now(),
): () => void {
  let asked = Number.NEGATIVE_INFINITY;
  return () => {
    if (now() - asked < EVERY_MS) return;
    asked = now();
    notify(EXTENSION);
  };
}
