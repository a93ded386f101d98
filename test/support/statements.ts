import type { Sovereign, Threshold } from '../../src/sovereign/authority.js';
import type { PayloadFields } from '../../src/sovereign/build-payload.js';
import type { Judge } from '../../src/sovereign/verify-statement.js';

/** The origin that the ledger key 0101…01 gives the name `demo`. */
export const ORIGIN = 'chancery.local/demo/72cd6e8422c407fb';
export const LEDGER_KEY = '4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi';
export const NOW = Date.parse('2026-11-22T12:00:00Z');
export const TRADING_KEY = '8qbHbw2BbbTHBW1sbeqakYXVKRQM8Ne7pLK7m6CVfeR';
export const HASH = 'ab'.repeat(32);

export const ATTESTATION: PayloadFields<'attestation'> = {
  signer: ORIGIN,
  id: '0123456789abcdef0123456789abcdef',
  epoch: 1,
  issuedAt: '2026-11-22T11:59:00Z',
  expiresAt: '2026-11-22T12:29:00Z',
  workload: 'spiffe://dev.chancery.local/agent',
  keys: [{ id: 'trading-1', publicKey: TRADING_KEY }],
};

export const POLICY: PayloadFields<'policy'> = {
  signer: ORIGIN,
  id: '00112233445566778899aabbccddeeff',
  epoch: 1,
  issuedAt: '2026-11-22T11:59:00Z',
  serial: 2,
  previous: HASH,
  sha256: 'cd'.repeat(32),
};

export const UNFREEZE: PayloadFields<'unfreeze'> = {
  signer: ORIGIN,
  id: 'ffeeddccbbaa99887766554433221100',
  epoch: 1,
  issuedAt: '2026-11-22T11:59:00Z',
  freeze: HASH,
};

/** Every purpose asks for `count`, unless `over` says otherwise. */
export function thresholds(count: number, over: Partial<Threshold> = {}): Threshold {
  return {
    attestation: count,
    approval: count,
    policy: count,
    unfreeze: count,
    key: count,
    'accept-rollback': count,
    watermark: count,
    ...over,
  };
}

export function judgeOf(sovereign: Omit<Sovereign, 'epoch'>, over: Partial<Judge> = {}): Judge {
  return { origin: ORIGIN, epoch: 1, now: NOW, ...sovereign, ...over };
}
