import { describe, expect, it } from 'vitest';
import {
  attestationPayload,
  needsChallenge,
  type AttestationWish,
} from '../../../src/ceremony/attestation-payload.js';
import { unsigned } from '../../../src/ceremony/sign-statement.js';
import { readStatement } from '../../../src/sovereign/read-statement.js';
import { addressOf, AGENT, OTHER_AGENT, policyWith } from '../../support/policy-text.js';
import { thrown } from '../../support/thrown.js';

const NOW = Date.parse('2026-11-22T12:00:00.000Z');
const WISH: AttestationWish = { workload: AGENT, keys: ['trading-1'] };

function payload(wish: AttestationWish = WISH, policy = policyWith().policy) {
  const statement = readStatement(unsigned(attestationPayload(policy, wish, NOW)));
  if (statement.kind !== 'attestation') throw new Error('not an attestation');
  return statement.payload;
}

describe('what an attestation says', () => {
  it('names the key as the policy pins it and lasts 30 minutes', () => {
    expect(payload()).toMatchObject({
      workload: AGENT,
      keys: [{ id: 'trading-1', publicKey: addressOf('trading-1') }],
      issuedAt: '2026-11-22T12:00:00.000Z',
      expiresAt: '2026-11-22T12:30:00.000Z',
      epoch: 1,
    });
    expect(payload().id).not.toBe(payload().id);
  });

  it('lasts no longer than the shortest key allows', () => {
    const policy = policyWith({ attestation: { maxAge: '10m' } }).policy;
    expect(payload(WISH, policy).expiresAt).toBe('2026-11-22T12:10:00.000Z');
    const error = thrown(() => attestationPayload(policy, { ...WISH, ttl: 11 * 60_000 }, NOW));
    expect(error.code).toBe('USAGE');
    expect(error.message).toBe('11m is longer than the 10m the policy allows');
  });

  it('narrows in base units', () => {
    expect(
      payload({ ...WISH, uses: 3, most: ['0.1 SOL'], destinations: [addressOf('bob')], programs: ['system'] })
        .scope,
    ).toEqual({
      uses: 3,
      limits: [{ asset: 'SOL', perTransaction: '100000000' }],
      destinations: [addressOf('bob')],
      programs: ['system'],
    });
  });

  it.each([
    ['a key the policy does not have', { keys: ['trading-9'] }, 'the policy has no key "trading-9"'],
    ['a workload the key is not granted to', { workload: OTHER_AGENT }, 'does not grant key trading-1'],
    ['an amount without a known asset', { most: ['1 DOGE'] }, '"1 DOGE" is no amount'],
    ['a destination that is none', { destinations: ['bob'] }, '"bob" is no public key'],
    ['a possession key that is none', { possession: 'bob' }, '"bob" is no public key'],
    ['a program that no key may call', { programs: ['system', 'sistem'] }, 'call program "sistem"'],
    ['an amount finer than a lamport', { most: ['0.0000000001 SOL'] }, 'is no amount'],
  ])('refuses %s before anybody signs', (_, changes, expected) => {
    const error = thrown(() => attestationPayload(policyWith().policy, { ...WISH, ...changes }, NOW));
    expect(error.code).toBe('USAGE');
    expect(error.message).toContain(expected);
  });

  it('asks for what the key requires', () => {
    const policy = policyWith({ attestation: { possession: 'required', challenge: 'required' } }).policy;
    expect(thrown(() => attestationPayload(policy, WISH, NOW)).message).toContain(
      'requires a possession key',
    );
    expect(needsChallenge(policy, ['trading-1'])).toBe(true);
    expect(needsChallenge(policyWith().policy, ['trading-1'])).toBe(false);
  });
});
