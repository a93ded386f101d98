import { generateKeyPairSync, sign } from 'node:crypto';
import { Point } from '@noble/ed25519';
import bs58 from 'bs58';
import { describe, expect, it, vi } from 'vitest';
import { ChanceryError } from '../../../src/core/errors.js';
import { Sessions } from '../../../src/daemon/sessions.js';
import { ExecutableDigests } from '../../../src/identity/executable-digests.js';
import type { Peer } from '../../../src/identity/peer.js';
import { possessionMessage } from '../../../src/protocol/possession.js';
import type { Call } from '../../../src/transport/call.js';
import { callOf, livingPeer } from '../../support/calls.js';
import { OTHER_AGENT, policyWith } from '../../support/policy-text.js';
import { rejected } from '../../support/rejected.js';
import { thrown } from '../../support/thrown.js';

const ORIGIN = 'chancery.local/demo/0123456789abcdef';
function prover(sessions: Sessions, call: Call<Peer>): () => void {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const address = bs58.encode(publicKey.export({ format: 'der', type: 'spki' }).subarray(12));
  return () => {
    const message = possessionMessage(ORIGIN, Buffer.from(sessions.nonce(call), 'base64'));
    sessions.prove(call, ORIGIN, address, bs58.encode(sign(null, message, privateKey)));
  };
}

describe('a connection whose process has gone', () => {
  it('is told nothing more, though a child that inherited it still asks; a signature asks by itself', async () => {
    const { policy } = policyWith();
    const sessions = new Sessions(new ExecutableDigests());
    let gone: ChanceryError | null = null;
    const call = callOf({ ...livingPeer(1002), check: () => gone });
    expect((await sessions.living(call, policy)).workload).toBe(OTHER_AGENT);
    gone = new ChanceryError('WORKLOAD_CHANGED', 'it exited');
    expect((await rejected(sessions.living(call, policy))).code).toBe('WORKLOAD_CHANGED');
    expect((await sessions.caller(call, policy)).check()).toBe(gone);
  });
});

describe('a connection that proves possession', () => {
  it('of more keys than it may is refused, and may prove those it has again', () => {
    const sessions = new Sessions(new ExecutableDigests());
    const call = callOf(livingPeer(1001));
    const proofs = Array.from({ length: 16 }, () => prover(sessions, call));
    for (const prove of proofs) prove();
    expect(thrown(prover(sessions, call)).code).toBe('OVERLOADED');
    for (const prove of proofs) prove();
    const other = callOf(livingPeer(1001));
    prover(sessions, other)();
  });

  it('with a wrong signature has nobody wait while its key is checked', () => {
    const sessions = new Sessions(new ExecutableDigests());
    const call = callOf(livingPeer(1001));
    const decoded = vi.spyOn(Point, 'fromBytes');
    const wrong = bs58.encode(Buffer.alloc(64, 1));
    const { publicKey } = generateKeyPairSync('ed25519');
    const address = bs58.encode(publicKey.export({ format: 'der', type: 'spki' }).subarray(12));
    const refused = thrown(() => {
      sessions.prove(call, ORIGIN, address, wrong);
    });
    expect(refused.code).toBe('POSSESSION_REQUIRED');
    expect(decoded).not.toHaveBeenCalled();
    prover(sessions, call)();
  });
});
