import type { TokenEvent } from '../hsm/token-event.js';
import type { LedgerEvent } from '../ledger/store/events.js';
import type { TransportEvent } from '../transport/events.js';

/** `event` of `chancery_events_total`. */
export type CountedEvent =
  | `token_${TokenEvent['type']}`
  | `ledger_${LedgerEvent['type']}`
  | `connection_${TransportEvent['kind']}`
  | 'key_latched';

const ALL: Record<CountedEvent, true> = {
  'token_host-started': true,
  'token_host-ended': true,
  token_restarting: true,
  'token_restart-failed': true,
  token_latched: true,
  token_recovered: true,
  token_warning: true,
  key_latched: true,
  ledger_repaired: true,
  ledger_recovered: true,
  ledger_restored: true,
  ledger_snapshot_ignored: true,
  ledger_unavailable: true,
  ledger_full: true,
  connection_opened: true,
  connection_closed: true,
  connection_refused: true,
  connection_cut: true,
  connection_failed: true,
};

/** Every event that is counted, also before it first happens. */
export const COUNTED_EVENTS: readonly string[] = Object.keys(ALL);
