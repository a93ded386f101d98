import { expect, it } from 'vitest';
import { keyAilments, keyState } from '../../../src/daemon/key-ailments.js';
import type { FreezeRecord } from '../../../src/ledger/state.js';
import { KEY, OTHER_KEY } from '../../support/ledger-bodies.js';

const KEYS = [
  { id: 'trading-1', address: KEY, role: 'wallet' },
  { id: 'trading-2', address: OTHER_KEY, role: 'wallet' },
  // Checkpoints go on: that is no signing.
  { id: 'ledger', address: 'LedgerKey', role: 'ledger' },
] as const;

function freezeOf(publicKey: string | null): FreezeRecord {
  return { hash: 'ab'.repeat(32), sequence: 5, publicKey, reason: 'drill', time: 0 };
}

function stateOf(freezes: readonly FreezeRecord[], latched: readonly string[] = []) {
  return {
    freezes: () => freezes,
    frozen: (address: string) =>
      freezes.find(({ publicKey }) => publicKey === null || publicKey === address) ?? null,
    latched: (address: string) => latched.includes(address),
    retired: () => false,
  };
}

it('names each freeze and each latched key', () => {
  expect(keyAilments(KEYS, stateOf([]))).toEqual([]);
  expect(keyAilments(KEYS, stateOf([freezeOf(KEY)]))).toEqual([
    {
      component: 'freeze',
      code: 'KEY_FROZEN',
      message: 'key trading-1 is frozen: "drill"',
      stopsSigning: false,
    },
  ]);
  expect(keyAilments(KEYS, stateOf([], [OTHER_KEY]))).toEqual([
    {
      component: 'key',
      code: 'HSM_UNAVAILABLE',
      message: 'key trading-2 is latched after a faulty signature: check the token',
      stopsSigning: false,
    },
  ]);
});

it('does not tell for ever of a key that was frozen and then dropped from the policy', () => {
  const rotated = KEYS.filter(({ address }) => address !== KEY);
  expect(keyAilments(rotated, stateOf([freezeOf(KEY)]))).toEqual([]);
});

it('I10: signing has stopped when no key is left, by one freeze, by one each, or by a latch too', () => {
  const stops = (freezes: readonly FreezeRecord[], latched: readonly string[] = []) =>
    keyAilments(KEYS, stateOf(freezes, latched)).map(({ stopsSigning }) => stopsSigning);
  expect(stops([freezeOf(null)])).toEqual([true]);
  expect(stops([freezeOf(KEY), freezeOf(OTHER_KEY)])).toEqual([true, true]);
  expect(stops([freezeOf(KEY)], [OTHER_KEY])).toEqual([true, true]);
  expect(stops([freezeOf(KEY)], [KEY])).toEqual([false, false]);
});

it('a latch outlasts an unfreeze, and is what is told', () => {
  expect(keyState(stateOf([freezeOf(KEY)], [KEY]), KEY)).toBe('latched');
  expect(keyState(stateOf([freezeOf(KEY)]), OTHER_KEY)).toBe('usable');
});
