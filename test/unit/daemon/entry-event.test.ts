import { expect, it } from 'vitest';
import { entryEvent } from '../../../src/daemon/events.js';
import { Subscriptions } from '../../../src/daemon/subscriptions.js';
import { createLog } from '../../../src/operations/log.js';
import { Metrics } from '../../../src/operations/metrics.js';
import { freeze } from '../../support/ledger-bodies.js';

const WRITTEN = { sequence: 7, hash: 'ab'.repeat(32) };

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
  const told = entryEvent({ log: createLog('error'), metrics: new Metrics(), subscriptions });
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
  const told = entryEvent({ log: createLog('error'), metrics: new Metrics(), subscriptions });
  told([freeze()], [WRITTEN]);
  told([freeze()], [WRITTEN]);
  expect(asked).toBe(1);
  expect(subscriptions.followed).toBe(false);
});
