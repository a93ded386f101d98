import { expect, it } from 'vitest';
import { Subscriptions } from '../../../src/daemon/subscriptions.js';

it('keeps no connection that has ended, before it asked or after', () => {
  const subscriptions = new Subscriptions();
  const connection = (signal: AbortSignal) => ({
    id: '1',
    kind: 'websocket' as const,
    signal,
    notify: () => false,
  });
  subscriptions.follow(connection(AbortSignal.abort()), ['alerts']);
  expect(subscriptions.followed).toBe(false);
  const ending = new AbortController();
  subscriptions.follow(connection(ending.signal), ['alerts']);
  expect(subscriptions.followed).toBe(true);
  ending.abort();
  expect(subscriptions.followed).toBe(false);
});
