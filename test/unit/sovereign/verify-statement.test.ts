import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPayload, type PayloadFields } from '../../../src/sovereign/build-payload.js';
import { inspectStatement } from '../../../src/sovereign/inspect-statement.js';
import { namespaceOf } from '../../../src/sovereign/kinds/registry.js';
import { parseAuthority } from '../../../src/sovereign/parse-authority.js';
import { verifyStatement, type Judge } from '../../../src/sovereign/verify-statement.js';
import { publicKeyLine, signSshsig } from '../../support/sshsig-by-hand.js';
import { envelopeOf, SshAuthority } from '../../support/ssh-authority.js';
import {
  ATTESTATION,
  judgeOf,
  NOW,
  ORIGIN,
  POLICY,
  thresholds,
  TRADING_KEY,
  UNFREEZE,
} from '../../support/statements.js';
import { thrown } from '../../support/thrown.js';
import { WalletAuthority } from '../../support/wallet-authority.js';

const NAMESPACE = 'attestation@chancery';

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
  const authorities = [parseAuthority(alice.text), parseAuthority(bob.text)];
  return judgeOf({ threshold: thresholds(1), authorities }, over);
}

function attestation(over: Partial<PayloadFields<'attestation'>> = {}): Uint8Array {
  return buildPayload('attestation', { ...ATTESTATION, ...over });
}

/** The error of verifying an attestation that alice signed. */
function refusedFor(over: Partial<PayloadFields<'attestation'>>, by: Partial<Judge> = {}): string {
  const payload = attestation(over);
  const error = thrown(() => verifyStatement(envelopeOf(payload, alice.sign(payload, NAMESPACE)), judge(by)));
  return `${error.code}: ${error.message}`;
}

describe('a statement signed by ssh-keygen', () => {
  it('is verified, with what it says and who signed', () => {
    const payload = attestation();
    const verified = verifyStatement(
      envelopeOf(payload, alice.sign(payload, NAMESPACE)),
      judge(),
      'attestation',
    );
    expect(verified.authorities).toEqual(['alice']);
    expect(verified.ignored).toEqual([]);
    expect(verified.payload.workload).toBe('spiffe://dev.chancery.local/agent');
    expect(verified.payload.keys).toEqual([{ id: 'trading-1', publicKey: TRADING_KEY }]);
    expect(verified.issuedAt).toBe(NOW - 60_000);
    expect(verified.expiresAt).toBe(NOW + 29 * 60_000);
    expect(Buffer.from(verified.payloadBytes).equals(payload)).toBe(true);
  });

  it.each(['policy', 'unfreeze'] as const)('of kind %s is verified under its own namespace', (kind) => {
    const payload = kind === 'policy' ? buildPayload('policy', POLICY) : buildPayload('unfreeze', UNFREEZE);
    const verified = verifyStatement(envelopeOf(payload, bob.sign(payload, namespaceOf(kind))), judge());
    expect(verified.kind).toBe(kind);
    expect(verified.expiresAt).toBeNull();
    expect(verified.authorities).toEqual(['bob']);
  });

  it('may be written by hand, with white space and in any order of keys', () => {
    const text = `{ "epoch": 1, "signer": "${ORIGIN}", "type": "unfreeze/v1",\n "freeze": "${UNFREEZE.freeze}",
      "issuedAt": "2026-11-22T11:59:00Z", "id": "${UNFREEZE.id}" }\n`;
    const payload = Buffer.from(text);
    const envelope = envelopeOf(payload, alice.sign(payload, 'unfreeze@chancery'));
    expect(verifyStatement(envelope, judge(), 'unfreeze').payload.freeze).toBe(UNFREEZE.freeze);
  });
});

describe('quorum', () => {
  it('needs k distinct keys', () => {
    const payload = attestation();
    const one = envelopeOf(payload, alice.sign(payload, NAMESPACE));
    const error = thrown(() => verifyStatement(one, judge({ threshold: thresholds(2) })));
    expect(error.code).toBe('QUORUM_NOT_MET');
    expect(error.message).toContain('has 1 of the 2 signatures it needs');
    expect(error.hint).toBe('let bob sign the same payload file');

    const two = envelopeOf(payload, alice.sign(payload, NAMESPACE), bob.sign(payload, NAMESPACE));
    expect(verifyStatement(two, judge({ threshold: thresholds(2) })).authorities).toEqual(['alice', 'bob']);
  });

  it('counts each purpose by its own threshold', () => {
    const strict = judge({ threshold: thresholds(1, { policy: 2 }) });
    const payload = buildPayload('policy', POLICY);
    const error = thrown(() =>
      verifyStatement(envelopeOf(payload, alice.sign(payload, 'policy@chancery')), strict),
    );
    expect(error.code).toBe('QUORUM_NOT_MET');
    const other = attestation();
    expect(verifyStatement(envelopeOf(other, alice.sign(other, NAMESPACE)), strict).kind).toBe('attestation');
  });

  it('counts one signature given twice once', () => {
    const payload = attestation();
    const signature = alice.sign(payload, NAMESPACE);
    const error = thrown(() =>
      verifyStatement(envelopeOf(payload, signature, signature), judge({ threshold: thresholds(2) })),
    );
    expect(error.code).toBe('QUORUM_NOT_MET');
    expect(error.message).toContain('its key has already signed, as alice');
  });

  it('counts one key under two names once', () => {
    const payload = attestation();
    const twin = { ...alice.text, id: 'alice-again' };
    const authorities = [parseAuthority(alice.text), parseAuthority(twin)];
    const envelope = envelopeOf(payload, alice.sign(payload, NAMESPACE), {
      ...alice.sign(payload, NAMESPACE),
      authority: 'alice-again',
    });
    const error = thrown(() => verifyStatement(envelope, judge({ authorities, threshold: thresholds(2) })));
    expect(error.code).toBe('QUORUM_NOT_MET');
  });

  it('counts one key as SSH and as a wallet once', () => {
    const wallet = new WalletAuthority('cold');
    const authorities = [
      parseAuthority(wallet.text('kit-v1', 'sdk-v0')),
      parseAuthority({ id: 'warm', ssh: publicKeyLine(wallet) }),
      parseAuthority(bob.text),
    ];
    expect(Buffer.from(authorities[0]!.key.bytes).equals(authorities[1]!.key.bytes)).toBe(true);
    const payload = attestation();
    // Each of the two is good on its own.
    const both = twoForms(wallet, payload);
    for (const one of both) {
      expect(verifyStatement(envelopeOf(payload, one), judge({ authorities })).authorities).toHaveLength(1);
    }
    const error = thrown(() =>
      verifyStatement(envelopeOf(payload, ...both), judge({ authorities, threshold: thresholds(2) })),
    );
    expect(error.code).toBe('QUORUM_NOT_MET');
    expect(error.message).toContain('its key has already signed, as cold');
  });

  it('is not spoilt by one bad signature, which is reported', () => {
    const payload = attestation();
    const bad = { ...bob.sign(attestation({ reason: 'other bytes' }), NAMESPACE) };
    const verified = verifyStatement(envelopeOf(payload, bad, alice.sign(payload, NAMESPACE)), judge());
    expect(verified.authorities).toEqual(['alice']);
    expect(verified.ignored).toEqual([{ authority: 'bob', why: 'it is not a signature of these bytes' }]);
  });

  it('ignores strangers, also one who borrows a name', () => {
    const payload = attestation();
    const stranger = mallory.sign(payload, NAMESPACE);
    const error = thrown(() =>
      verifyStatement(envelopeOf(payload, stranger, { ...stranger, authority: 'alice' }), judge()),
    );
    expect(error.code).toBe('QUORUM_NOT_MET');
    expect(error.message).toContain('"mallory" does not count: it is not an authority of this signer');
    expect(error.message).toContain('alice does not count: it was made with another key');
  });

  it('is never met by no signature, whatever the threshold says', () => {
    const envelope = envelopeOf(attestation());
    expect(thrown(() => verifyStatement(envelope, judge())).code).toBe('QUORUM_NOT_MET');
    expect(thrown(() => verifyStatement(envelope, judge({ threshold: thresholds(0) }))).code).toBe(
      'QUORUM_NOT_MET',
    );
  });

  it('needs signatures over identical bytes: equal JSON written otherwise does not do', () => {
    const payload = attestation();
    const spaced = Buffer.from(JSON.stringify(JSON.parse(Buffer.from(payload).toString()), null, 1));
    const error = thrown(() => verifyStatement(envelopeOf(spaced, alice.sign(payload, NAMESPACE)), judge()));
    expect(error.code).toBe('QUORUM_NOT_MET');
  });
});

describe('binding', () => {
  it('I8: holds for this signer only', () => {
    expect(refusedFor({}, { origin: 'chancery.local/demo/0000000000000000' })).toBe(
      `STATEMENT_INVALID: the statement does not hold: it is for the signer ${ORIGIN}, this is chancery.local/demo/0000000000000000`,
    );
  });

  it('I8: holds for one epoch only', () => {
    expect(refusedFor({}, { epoch: 2 })).toContain(
      'STATEMENT_INVALID: the statement does not hold: it is of epoch 1',
    );
    expect(refusedFor({ epoch: 2 })).toContain('the Sovereign is in epoch 1');
  });

  it('I8: a signature for one kind is none for another', () => {
    const payload = attestation();
    const error = thrown(() =>
      verifyStatement(envelopeOf(payload, alice.sign(payload, 'unfreeze@chancery')), judge()),
    );
    expect(error.code).toBe('QUORUM_NOT_MET');
    expect(error.message).toContain('sign with ssh-keygen -Y sign -n attestation@chancery');
  });

  it('refuses another kind than the one asked for', () => {
    const payload = attestation();
    const envelope = envelopeOf(payload, alice.sign(payload, NAMESPACE));
    expect(thrown(() => verifyStatement(envelope, judge(), 'policy')).message).toContain(
      'this is a statement of kind attestation, a policy is needed',
    );
  });
});

describe('times', () => {
  it('allows an issuedAt 60 s ahead and no more', () => {
    const payload = attestation({ issuedAt: '2026-11-22T12:01:00Z' });
    expect(verifyStatement(envelopeOf(payload, alice.sign(payload, NAMESPACE)), judge()).issuedAt).toBe(
      NOW + 60_000,
    );
    expect(refusedFor({ issuedAt: '2026-11-22T12:01:00.001Z' })).toContain('STATEMENT_INVALID');
  });

  it('refuses a statement at the instant it expires', () => {
    expect(refusedFor({ expiresAt: '2026-11-22T12:00:00Z' })).toContain(
      'it expired at 2026-11-22T12:00:00.000Z',
    );
    const payload = attestation({ expiresAt: '2026-11-22T12:00:00.001Z' });
    expect(verifyStatement(envelopeOf(payload, alice.sign(payload, NAMESPACE)), judge()).expiresAt).toBe(
      NOW + 1,
    );
  });

  it('refuses one that expires before it is issued', () => {
    expect(refusedFor({ expiresAt: '2026-11-22T11:58:00Z' })).toContain('it expires before it was issued');
  });
});

function twoForms(wallet: WalletAuthority, payload: Uint8Array): ReturnType<WalletAuthority['sign']>[] {
  const inspected = inspectStatement(envelopeOf(payload), judge());
  const armored = signSshsig(wallet, payload, NAMESPACE);
  return [
    wallet.sign('kit-v1', inspected.line ?? ''),
    { authority: 'warm', scheme: 'sshsig', signature: armored },
  ];
}
