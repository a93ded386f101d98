import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPayload, type PayloadFields } from '../../../src/sovereign/build-payload.js';
import { verifyGenesis } from '../../../src/sovereign/verify-genesis.js';
import { verifyStatement } from '../../../src/sovereign/verify-statement.js';
import { envelopeOf, SshAuthority } from '../../support/ssh-authority.js';
import { HASH, judgeOf, LEDGER_KEY, NOW, ORIGIN, thresholds, TRADING_KEY } from '../../support/statements.js';
import { thrown } from '../../support/thrown.js';

let alice: SshAuthority;
let bob: SshAuthority;
beforeAll(() => {
  alice = new SshAuthority('alice');
  bob = new SshAuthority('bob');
});
afterAll(() => {
  alice.remove();
  bob.remove();
});

function genesis(over: Partial<PayloadFields<'genesis'>> = {}): Uint8Array {
  return buildPayload('genesis', {
    signer: ORIGIN,
    id: '0123456789abcdef0123456789abcdef',
    epoch: 1,
    issuedAt: '2026-11-22T11:59:00Z',
    publicKey: LEDGER_KEY,
    authorities: [
      { id: 'alice', ssh: alice.publicKey },
      { id: 'bob', ssh: bob.publicKey },
    ],
    threshold: thresholds(1, { policy: 2 }),
    policy: HASH,
    ...over,
  });
}

function signedByBoth(payload: Uint8Array): ReturnType<typeof envelopeOf> {
  return envelopeOf(payload, alice.sign(payload, 'genesis@chancery'), bob.sign(payload, 'genesis@chancery'));
}

describe('a genesis statement', () => {
  it('is verified by the authorities it names, at its policy threshold', () => {
    const { statement, sovereign } = verifyGenesis(signedByBoth(genesis()), NOW);
    expect(statement.authorities).toEqual(['alice', 'bob']);
    expect(statement.payload.policy).toBe(HASH);
    expect(sovereign.authorities.map(({ id }) => id)).toEqual(['alice', 'bob']);
    expect(sovereign.threshold.policy).toBe(2);
  });

  it('needs the quorum it sets itself', () => {
    const payload = genesis();
    const error = thrown(() =>
      verifyGenesis(envelopeOf(payload, alice.sign(payload, 'genesis@chancery')), NOW),
    );
    expect(error.code).toBe('QUORUM_NOT_MET');
  });

  it.each<[string, Partial<PayloadFields<'genesis'>>, string]>([
    ['whose origin is not made from its ledger key', { publicKey: TRADING_KEY }, 'by its ledger key it is'],
    ['from the future', { issuedAt: '2026-11-22T12:02:00Z' }, 'still to come'],
    [
      'with a threshold out of reach',
      { threshold: thresholds(3) },
      'threshold.attestation: needs 3 of 2 authorities',
    ],
  ])('%s is refused', (_name, over, sentence) => {
    const error = thrown(() => verifyGenesis(signedByBoth(genesis(over)), NOW));
    expect(error.code).toBe('STATEMENT_INVALID');
    expect(error.message).toContain(sentence);
  });

  it('that names one key twice is refused', () => {
    const authorities = [
      { id: 'alice', ssh: alice.publicKey },
      { id: 'bob', ssh: `${alice.publicKey} twin` },
    ];
    const error = thrown(() => verifyGenesis(signedByBoth(genesis({ authorities })), NOW));
    expect(error.code).toBe('STATEMENT_INVALID');
    expect(error.message).toContain('authorities[1]: the same key as alice');
  });

  it('I8: cannot be submitted to a ledger that has begun', () => {
    const { sovereign } = verifyGenesis(signedByBoth(genesis()), NOW);
    const error = thrown(() => verifyStatement(signedByBoth(genesis()), judgeOf(sovereign)));
    expect(error.code).toBe('STATEMENT_INVALID');
    expect(error.message).toContain('starts a new ledger');
  });
});
