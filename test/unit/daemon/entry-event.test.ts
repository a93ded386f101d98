import { expect, it } from 'vitest';
import { entryEvent } from '../../../src/daemon/events.js';
import { Subscriptions } from '../../../src/daemon/subscriptions.js';
import { createLog, Log } from '../../../src/operations/log.js';
import { health } from '../../../src/operations/health.js';
import { Metrics } from '../../../src/operations/metrics.js';
import { freeze, KEY } from '../../support/ledger-bodies.js';

const WRITTEN = { sequence: 7, hash: 'ab'.repeat(32) };

function metrics(): Metrics {
  return new Metrics({ events: [], methods: { signer: [], admin: [] } });
}

function follower(notify: () => boolean): Subscriptions {
  const subscriptions = new Subscriptions();
  const signal = new AbortController().signal;
  subscriptions.follow({ id: '1', kind: 'websocket', signal, notify }, ['freezes']);
  return subscriptions;
}

it('a connection that cannot be told does not fail what is durable', () => {
  let asked = 0;
  const subscriptions = follower(() => {
    asked += 1;
    throw new Error('broken');
  });
  const told = entryEvent({ log: createLog('error'), metrics: metrics(), subscriptions });
  expect(() => {
    told([freeze()], [WRITTEN]);
  }).not.toThrow();
  expect(asked).toBe(1);
});

it('a connection that has closed is not told again', () => {
  let asked = 0;
  const subscriptions = follower(() => {
    asked += 1;
    return false;
  });
  const told = entryEvent({ log: createLog('error'), metrics: metrics(), subscriptions });
  told([freeze()], [WRITTEN]);
  told([freeze()], [WRITTEN]);
  expect(asked).toBe(1);
  expect(subscriptions.followed).toBe(false);
});

it('a latched key is counted and logged, though nobody follows', async () => {
  const counted = metrics();
  const lines: string[] = [];
  const log = new Log('error', { write: (line) => lines.push(line), flush: () => undefined });
  const told = entryEvent({ log, metrics: counted, subscriptions: new Subscriptions() });
  told([{ type: 'key', action: 'latch', token: 'main', label: 'trading-1', publicKey: KEY }], [WRITTEN]);
  told([{ type: 'key', action: 'generate', token: 'main', label: 'trading-2', publicKey: KEY }], [WRITTEN]);
  expect(await counted.text(health([]))).toContain('chancery_events_total{event="key_latched"} 1\n');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('"event":"key_latched","token":"main","label":"trading-1"');
});
