import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Threshold } from '../../../src/sovereign/authority.js';
import { buildPayload, type PayloadFields } from '../../../src/sovereign/build-payload.js';
import { parseAuthority } from '../../../src/sovereign/parse-authority.js';
import { verifyStatement, type Judge } from '../../../src/sovereign/verify-statement.js';
import { envelopeOf, SshAuthority } from '../../support/ssh-authority.js';
import { thrown } from '../../support/thrown.js';

const ORIGIN = 'chancery.local/demo/5f0c9a3b1d2e4f60';
const NOW = Date.parse('2026-11-22T12:00:00Z');
const NAMESPACE = 'attestation@chancery';
const KEY = '4Nd1mYvWcTkZ4hJ1Zy8Z5zF8m6J4n8iQ3tYH2zvT1q2b';

const ATTESTATION: PayloadFields<'attestation'> = {
  signer: ORIGIN,
  id: '0123456789abcdef0123456789abcdef',
  epoch: 1,
  issuedAt: '2026-11-22T11:59:00Z',
  expiresAt: '2026-11-22T12:29:00Z',
  workload: 'spiffe://dev.chancery.local/agent',
  keys: [{ id: 'trading-1', publicKey: KEY }],
};

function thresholds(count: number): Threshold {
  return {
    attestation: count,
    approval: 1,
    policy: 1,
    unfreeze: 1,
    key: 1,
    'accept-rollback': 1,
    watermark: 1,
  };
}

let alice: SshAuthority;
let bob: SshAuthority;
let mallory: SshAuthority;

beforeAll(() => {
  alice = new SshAuthority('alice');
  bob = new SshAuthority('bob');
  mallory = new SshAuthority('mallory');
});
afterAll(() => {
  for (const authority of [alice, bob, mallory]) authority.remove();
});

function judge(over: Partial<Judge> = {}): Judge {
  return {
    origin: ORIGIN,
    epoch: 1,
    now: NOW,
    threshold: thresholds(1),
    authorities: [parseAuthority(alice.text), parseAuthority(bob.text)],
    ...over,
  };
}

describe('a statement signed by ssh-keygen', () => {
  it('is verified, with what it says and who signed', () => {
    const payload = buildPayload('attestation', ATTESTATION);
    const verified = verifyStatement(
      envelopeOf(payload, alice.sign(payload, NAMESPACE)),
      judge(),
      'attestation',
    );
    expect(verified.authorities).toEqual(['alice']);
    expect(verified.ignored).toEqual([]);
    expect(verified.payload.workload).toBe('spiffe://dev.chancery.local/agent');
    expect(verified.payload.keys).toEqual([{ id: 'trading-1', publicKey: KEY }]);
    expect(verified.issuedAt).toBe(NOW - 60_000);
    expect(verified.expiresAt).toBe(NOW + 29 * 60_000);
    expect(Buffer.from(verified.payloadBytes)).toEqual(Buffer.from(payload));
  });
});
