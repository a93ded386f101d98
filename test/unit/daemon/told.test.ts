import { expect, it } from 'vitest';
import { toldOf } from '../../../src/daemon/told.js';
import type { EntryBody } from '../../../src/ledger/entries.js';
import { authorization, freeze, KEY, policy, signature } from '../../support/ledger-bodies.js';

const WRITTEN = { sequence: 7, hash: 'ab'.repeat(32) };

it('an authorization is told without the message it signs', () => {
  const told = toldOf(authorization(), WRITTEN);
  expect(told).toMatchObject({ topic: 'authorizations', event: { sequence: '7', key: 'trading-1' } });
  expect(told?.event).not.toHaveProperty('message');
});

it('a policy is told by its hash, a freeze with who did it, a latched key as an alert', () => {
  expect(toldOf(policy(3), WRITTEN)).toMatchObject({
    topic: 'statements',
    event: { kind: 'policy', serial: 3 },
  });
  expect(toldOf(freeze(KEY), WRITTEN)).toMatchObject({ topic: 'freezes', event: { type: 'freeze' } });
  const key = { type: 'key', token: 'main', label: 'trading-1', publicKey: KEY } as const;
  expect(toldOf({ ...key, action: 'latch' }, WRITTEN)).toEqual({
    topic: 'alerts',
    event: {
      subject: 'key_latched',
      sequence: '7',
      type: 'key',
      token: 'main',
      label: 'trading-1',
      publicKey: KEY,
    },
  });
  expect(toldOf({ ...key, action: 'generate' }, WRITTEN)).toBeNull();
});

it('a signature is not: it may still be withheld', () => {
  const others: readonly EntryBody[] = [signature(3), { type: 'tick' }];
  for (const body of others) expect(toldOf(body, WRITTEN)).toBeNull();
});
