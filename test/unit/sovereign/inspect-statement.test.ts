import { describe, expect, it } from 'vitest';
import { buildPayload } from '../../../src/sovereign/build-payload.js';
import { inspectStatement } from '../../../src/sovereign/inspect-statement.js';
import { parseAuthority } from '../../../src/sovereign/parse-authority.js';
import { publicKeyLine, signSshsig } from '../../support/sshsig-by-hand.js';
import { envelopeOf } from '../../support/ssh-authority.js';
import { ATTESTATION, thresholds, TRADING_KEY } from '../../support/statements.js';
import { WalletAuthority } from '../../support/wallet-authority.js';

const alice = new WalletAuthority('alice');
const cold = new WalletAuthority('cold');
const sovereign = {
  epoch: 1,
  threshold: thresholds(2),
  authorities: [
    parseAuthority({ id: 'alice', ssh: publicKeyLine(alice) }),
    parseAuthority(cold.text('ledger-v0')),
  ],
};

describe('inspection', () => {
  const payload = buildPayload('attestation', { ...ATTESTATION, reason: 'night run', scope: { uses: 2 } });

  it('says what a statement grants until when, before anybody signed', () => {
    const seen = inspectStatement(envelopeOf(payload), sovereign);
    expect(seen).toMatchObject({
      kind: 'attestation',
      expiresAt: '2026-11-22T12:29:00Z',
      reason: 'night run',
      needed: 2,
      signed: [],
      missing: ['alice', 'cold'],
      quorum: false,
      namespace: 'attestation@chancery',
    });
    expect(seen.grants).toEqual([
      `spiffe://dev.chancery.local/agent may use key trading-1 (${TRADING_KEY})`,
      'narrowed to uses 2',
      'attestations from before are not narrowed by it: they hold until they end or are revoked',
    ]);
  });

  it('says who has signed and who is missing', () => {
    const first = {
      authority: 'alice',
      scheme: 'sshsig',
      signature: signSshsig(alice, payload, 'attestation@chancery'),
    };
    const half = inspectStatement(envelopeOf(payload, first), sovereign);
    expect(half).toMatchObject({ signed: ['alice'], missing: ['cold'], quorum: false });
    const second = cold.sign('ledger-v0', half.line ?? '');
    expect(inspectStatement(envelopeOf(payload, first, second), sovereign)).toMatchObject({
      signed: ['alice', 'cold'],
      missing: [],
      quorum: true,
    });
  });

  it('looks at an expired statement too, and reports a bad signature', () => {
    const old = buildPayload('attestation', { ...ATTESTATION, expiresAt: '2020-01-01T00:00:00Z' });
    const bad = { authority: 'alice', scheme: 'ed25519', signature: 'x' };
    expect(inspectStatement(envelopeOf(old, bad), sovereign).ignored).toEqual([
      { authority: 'alice', why: 'it signs with sshsig, not with "ed25519"' },
    ]);
  });
});
