import type { Clock } from '../core/clock.js';
import type { TokenEvent } from '../hsm/token-event.js';
import type { EntryBody } from '../ledger/entries.js';
import type { Written } from '../ledger/ledger.js';
import type { LedgerEvent } from '../ledger/store/events.js';
import type { LogFields } from '../operations/log.js';
import type { Metrics } from '../operations/metrics.js';
import type { Signed } from '../signing/sign.js';
import type { TransportEvent } from '../transport/events.js';
import type { CountedEvent } from './counted-events.js';
import type { Observers } from './observers.js';
import type { RecentSignatures } from './recent-signatures.js';
import { toldOf } from './told.js';

/** Only what the list of counted events has: an alert can wait for nothing else. */
function count(metrics: Metrics, event: CountedEvent): void {
  metrics.event(event);
}

export function tokenEvent({ log, metrics, subscriptions }: Observers): (event: TokenEvent) => void {
  return ({ type, ...fields }) => {
    count(metrics, `token_${type}`);
    if (type === 'host-started') log.info(`token_${type}`, fields);
    else {
      log.warn(`token_${type}`, fields);
      subscriptions.publish('alerts', { subject: `token_${type}`, ...fields });
    }
  };
}

export function ledgerEvent({ log, metrics, subscriptions }: Observers): (event: LedgerEvent) => void {
  return (event) => {
    const subject = `ledger_${event.type}` as const;
    const fields = ledgerFields(event);
    count(metrics, subject);
    if (event.type === 'unavailable') log.error(subject, fields);
    else if (event.type === 'restored') {
      log.info(subject, fields);
      return;
    } else log.warn(subject, fields);
    subscriptions.publish('alerts', { subject, ...fields });
  };
}

function ledgerFields(event: LedgerEvent): LogFields {
  switch (event.type) {
    case 'repaired':
      return { sequence: event.sequence, bytes: event.bytes, sha256: event.sha256 };
    case 'recovered':
      return { authorizations: event.authorizations.join(' ') };
    case 'restored':
      return { size: event.size, sha256: event.sha256 };
    case 'snapshot_ignored':
      return { name: event.name, reason: event.reason };
    case 'unavailable':
      return { reason: event.reason, error: String(event.error) };
    case 'full':
      return { reason: event.reason };
  }
}

/** Entries, once they are durable. Never throws: what is durable must not fail for whoever listens. */
export function entryEvent({
  log,
  metrics,
  subscriptions,
}: Observers): (entries: readonly EntryBody[], written: readonly Written[]) => void {
  return (entries, written) => {
    for (const body of entries) {
      if (body.type !== 'key' || body.action !== 'latch') continue;
      // The token made a faulty signature: whoever follows nothing must hear of it too.
      const { token, label, publicKey } = body;
      count(metrics, 'key_latched');
      log.error('key_latched', { token, label, publicKey });
    }
    if (!subscriptions.followed) return;
    try {
      for (const [index, body] of entries.entries()) {
        const at = written[index];
        const told = at === undefined ? null : toldOf(body, at);
        if (told !== null) subscriptions.publish(told.topic, told.event);
      }
    } catch (error) {
      log.error('not_told', { sequence: written[0]?.sequence, error: String(error) });
    }
  };
}

export function transportEvent(
  socket: 'signer' | 'admin',
  { log, metrics }: Observers,
): (event: TransportEvent) => void {
  return (event) => {
    count(metrics, `connection_${event.kind}`);
    switch (event.kind) {
      case 'opened':
      case 'closed':
        log.debug(`connection_${event.kind}`, { socket, uid: event.uid, connection: event.connection });
        return;
      case 'refused':
        log.warn('connection_refused', { socket, uid: event.uid, code: event.error.code });
        return;
      case 'cut':
        log.warn('connection_cut', {
          socket,
          uid: event.uid,
          connection: event.connection,
          reason: event.reason,
        });
        return;
      case 'failed':
        log.error('answer_failed', {
          socket,
          request: event.request,
          method: event.method,
          error: String(event.error),
        });
    }
  };
}

export function signedEvent(
  { subscriptions }: Observers,
  clock: Clock,
  recent: RecentSignatures,
): (signed: Signed) => void {
  return (signed) => {
    const { signature, entry } = signed;
    const { grant, request } = signed.authorized;
    const { id: key, address: publicKey } = grant.key;
    recent.add({ time: clock.wall(), key, publicKey, signature, sequence: entry.sequence });
    subscriptions.publish('signatures', {
      request,
      key,
      workload: grant.caller.workload,
      sequence: String(entry.sequence),
    });
  };
}
