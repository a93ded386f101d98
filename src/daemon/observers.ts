import type { Log } from '../operations/log.js';
import { Metrics } from '../operations/metrics.js';
import { ADMIN_METHODS } from '../protocol/admin-methods.js';
import { SIGNER_METHODS } from '../protocol/signer-methods.js';
import { COUNTED_EVENTS } from './counted-events.js';
import { ONE_OF_SEVERAL } from './signer-routes.js';
import { Subscriptions } from './subscriptions.js';

/** Who is told what happens. */
export interface Observers {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly subscriptions: Subscriptions;
}

/** Those of a daemon that starts: nobody follows yet, and every metric is there before it first changes. */
export function newObservers(log: Log): Observers {
  const methods = {
    signer: [...Object.keys(SIGNER_METHODS), ONE_OF_SEVERAL],
    admin: Object.keys(ADMIN_METHODS),
  };
  return {
    log,
    metrics: new Metrics({ events: COUNTED_EVENTS, methods }),
    subscriptions: new Subscriptions(),
  };
}
