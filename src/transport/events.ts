import type { ChanceryError } from '../core/errors.js';

/** Why a connection was cut by the daemon. */
export type CutReason = 'unread' | 'silent' | 'protocol' | 'drained';

/** What happens below the requests, for logs and metrics. Requests themselves are observed by the route. */
export type TransportEvent =
  | { readonly kind: 'opened' | 'closed'; readonly uid: number; readonly connection: string }
  /** Not admitted: no workload, too many connections, closing. */
  | { readonly kind: 'refused'; readonly uid: number | null; readonly error: ChanceryError }
  | { readonly kind: 'cut'; readonly uid: number; readonly connection: string; readonly reason: CutReason }
  /** A handler failed with something that is not the caller's to know; the caller got INTERNAL. */
  | {
      readonly kind: 'failed';
      readonly uid: number;
      readonly request: string;
      readonly method: string;
      readonly error: unknown;
    };
