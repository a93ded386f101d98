import bs58 from 'bs58';
import { describe, expect, it } from 'vitest';
import { ChanceryError } from '../../../src/core/errors.js';
import type { SignRequest } from '../../../src/core/signer.js';
import { signTransaction } from '../../../src/signing/sign.js';
import { parsePolicy } from '../../../src/policy/parse-policy.js';
import { freeze, policy, statementId } from '../../support/ledger-bodies.js';
import {
  addressOf,
  ledgerKeyText,
  policyBytes,
  policyObject,
  policyWith,
  pubkeyOf,
  walletText,
  type Yaml,
} from '../../support/policy-text.js';
import { rejected } from '../../support/rejected.js';
import { signingRig, type Rig } from '../../support/signing-rig.js';
import { verifies } from '../../support/site/signing.js';

const KEY = addressOf('trading-1');

function ask(rig: Rig, transaction = rig.wire(), id = 'request-1') {
  return signTransaction(rig.path, rig.caller, { key: 'trading-1', transaction, id });
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ChanceryError) return error.code;
    throw error;
  }
  return 'nothing was thrown';
}

function types(rig: Rig): string[] {
  return rig
    .entries()
    .map(({ type }) => type)
    .slice(3);
}

describe('signTransaction', () => {
  it('writes the authorization before the token is asked and the signature before it returns', async () => {
    const rig = await signingRig();
    rig.token.meanwhile = () => {
      expect(types(rig)).toEqual(['authorization']);
      return Promise.resolve();
    };
    const wire = rig.wire();
    const signed = await ask(rig, wire);
    expect(types(rig)).toEqual(['authorization', 'signature']);
    expect(verifies(KEY, wire.subarray(65), signed.signature)).toBe(true);
    expect(Buffer.from(signed.transaction.subarray(1, 65))).toEqual(
      Buffer.from(bs58.decode(signed.signature)),
    );
  });

  it('tells the token for whom it asks: what one workload asks must not hold up another with the same key', async () => {
    const rig = await signingRig();
    const workloads: (string | undefined)[] = [];
    const signer = {
      stops: () => null,
      sign: (request: SignRequest) => (workloads.push(request.workload), rig.token.sign(request)),
    };
    const request = { key: 'trading-1', transaction: rig.wire(), id: 'request-1' };
    await signTransaction({ ...rig.path, signer }, rig.caller, request);
    expect(workloads).toEqual([rig.caller.workload]);
  });

  it('I1: asks the token for the public key that was judged: the next policy may give its id to another', async () => {
    const rig = await signingRig();
    const asked: string[] = [];
    const signer = {
      stops: (key: string) => (asked.push(key), null),
      sign: (request: SignRequest) => (asked.push(request.key), rig.token.sign(request)),
    };
    await signTransaction({ ...rig.path, signer }, rig.caller, {
      key: 'trading-1',
      transaction: rig.wire(),
      id: 'r',
    });
    expect(asked).toEqual([pubkeyOf('trading-1'), pubkeyOf('trading-1')]);
  });

  it('I3: a token that fails leaves a failure, and what was counted stays counted', async () => {
    const rig = await signingRig();
    rig.token.answer = () => {
      throw new ChanceryError('HSM_UNAVAILABLE', 'CKR_DEVICE_ERROR');
    };
    expect(await codeOf(ask(rig))).toBe('HSM_UNAVAILABLE');
    expect(types(rig)).toEqual(['authorization', 'failure']);
    expect(rig.spentSol()).toBeGreaterThan(1000n);
  });

  it('a token that is away is not waited for: nothing is authorized, counted or recorded', async () => {
    const rig = await signingRig();
    rig.token.away = new ChanceryError('HSM_UNAVAILABLE', 'the token is gone');
    const before = rig.spentSol();
    for (let asked = 0; asked < 5; asked++) expect(await codeOf(ask(rig))).toBe('HSM_UNAVAILABLE');
    expect([types(rig), rig.spentSol(), rig.token.asked]).toEqual([[], before, 0]);
    // Whether it is away is told to those only who may use the key.
    const request = { key: 'nobody', transaction: rig.wire(), id: 'request-2' };
    expect(await codeOf(signTransaction(rig.path, rig.caller, request))).toBe('UNKNOWN_KEY');
    rig.token.away = null;
    expect(await codeOf(ask(rig))).toBe('nothing was thrown');
  });

  it('never lets a signature out that does not verify, and latches the key through the ledger', async () => {
    const rig = await signingRig();
    rig.token.answer = (message) => {
      const flipped = Buffer.alloc(64, 9);
      flipped.set(message.subarray(0, 32));
      return flipped;
    };
    expect(await codeOf(ask(rig))).toBe('HSM_UNAVAILABLE');
    expect(types(rig)).toEqual(['authorization', 'key', 'failure']);
    const faulty = Buffer.alloc(64, 9).subarray(32).toString('base64').slice(0, 40);
    expect(JSON.stringify(rig.entries())).not.toContain(faulty);
    const asked = rig.token.asked;
    expect(await codeOf(ask(rig))).not.toBe('nothing was thrown');
    expect(rig.token.asked).toBe(asked);
  });

  it('I8: a freeze that lands while the request waits for the token stops it there', async () => {
    const rig = await signingRig();
    rig.token.waiting = async () => {
      await rig.append(freeze(KEY));
    };
    expect(await codeOf(ask(rig))).toBe('KEY_FROZEN');
    expect(rig.token.asked).toBe(0);
    expect(types(rig)).toEqual(['authorization', 'freeze', 'failure']);
  });

  it('a freeze that lands while the token signs withholds the signature, which is in the ledger', async () => {
    const rig = await signingRig();
    rig.token.meanwhile = async () => {
      await rig.append(freeze());
    };
    expect(await codeOf(ask(rig))).toBe('KEY_FROZEN');
    expect(types(rig)).toEqual(['authorization', 'freeze', 'signature']);
  });

  it('a caller that died while its request waited is not signed for', async () => {
    const rig = await signingRig();
    rig.token.waiting = () => {
      rig.caller.dead = new ChanceryError('WORKLOAD_CHANGED', 'exit');
      return Promise.resolve();
    };
    expect(await codeOf(ask(rig))).toBe('WORKLOAD_CHANGED');
    expect(rig.token.asked).toBe(0);
    expect(types(rig)).toEqual(['authorization', 'failure']);
  });

  it('a caller that died while the token signed gets nothing', async () => {
    const rig = await signingRig();
    rig.token.meanwhile = () => {
      rig.caller.dead = new ChanceryError('WORKLOAD_CHANGED', 'exit');
      return Promise.resolve();
    };
    expect(await codeOf(ask(rig))).toBe('WORKLOAD_CHANGED');
    expect(types(rig)).toEqual(['authorization', 'signature']);
  });

  it('a caller that became another program before the decision is not judged', async () => {
    const rig = await signingRig();
    rig.caller.gone = new ChanceryError('WORKLOAD_CHANGED', 'exec');
    expect(await codeOf(ask(rig))).toBe('WORKLOAD_CHANGED');
    expect(types(rig)).not.toContain('authorization');
  });

  it('an attestation that expires while the request waits stops it', async () => {
    const rig = await signingRig();
    rig.clock.now += 3_599_000;
    rig.token.waiting = () => {
      rig.clock.now += 1000;
      return Promise.resolve();
    };
    expect(await codeOf(ask(rig))).toBe('ATTESTATION_EXPIRED');
    expect(types(rig)).toEqual(['authorization', 'failure']);
  });

  it('a revocation while the request waits stops it', async () => {
    const rig = await signingRig();
    rig.token.waiting = async () => {
      const workload = rig.caller.workload;
      await rig.append({ type: 'revocation', workload, reason: 'test', by: { uid: 0, pid: 1 } });
    };
    expect(await codeOf(ask(rig))).toBe('ATTESTATION_REVOKED');
    expect(rig.token.asked).toBe(0);
  });

  it.each([
    [
      'takes the key from the workload',
      { keys: [walletText({ workloads: [] }), ledgerKeyText()] },
      'KEY_NOT_GRANTED',
    ],
    [
      'gives its id to another key',
      { keys: [walletText({ publicKey: addressOf('x') }), ledgerKeyText()] },
      'KEY_NOT_GRANTED',
    ],
    [
      'begins another epoch',
      { sovereign: { ...(policyObject()['sovereign'] as Readonly<Record<string, Yaml>>), epoch: 2 } },
      'ATTESTATION_REVOKED',
    ],
    ['lowers a limit', { keys: [walletText({ limits: [] }), ledgerKeyText()] }, 'nothing was thrown'],
  ] as const)('I8: a policy that %s comes into force while the request waits', async (_, changes, code) => {
    const rig = await signingRig();
    const next = parsePolicy(policyBytes({ serial: 2, ...changes }));
    const into = async (): Promise<void> => {
      rig.path.policies.add(next);
      await rig.append({ ...policy(2), sha256: next.sha256 });
    };
    rig.token.waiting = into;
    expect(await codeOf(ask(rig))).toBe(code);
    const signs = code === 'nothing was thrown';
    expect(types(rig)).toEqual(['authorization', 'policy', signs ? 'signature' : 'failure']);
    expect(rig.token.asked).toBe(signs ? 1 : 0);
  });

  it('says of a rotation that it was one: the workload has lost nothing', async () => {
    const rig = await signingRig();
    const { policy: next } = policyWith({ publicKey: addressOf('x') });
    rig.token.waiting = async () => {
      rig.path.policies.add(next);
      await rig.append({ ...policy(2), sha256: next.sha256 });
    };
    const error = await rejected(ask(rig));
    expect(error.message).toBe('key trading-1 became another key while the request waited');
    expect(error.hint).toContain('an attestation of its own');
  });

  it('I8: a policy that takes the key away while the token signs withholds the signature, which is in the ledger', async () => {
    const rig = await signingRig();
    const { policy: next } = policyWith({ workloads: [] });
    rig.token.meanwhile = async () => {
      rig.path.policies.add(next);
      await rig.append({ ...policy(2), sha256: next.sha256 });
    };
    expect(await codeOf(ask(rig))).toBe('KEY_NOT_GRANTED');
    expect(types(rig)).toEqual(['authorization', 'policy', 'signature']);
  });

  it.each([
    ['latched', 'latch', 'HSM_UNAVAILABLE'],
    ['retired', 'retire', 'KEY_RETIRED'],
  ] as const)('a key that is %s while the request waits is not used', async (_, action, code) => {
    const rig = await signingRig();
    rig.token.waiting = async () => {
      await rig.append({ type: 'key', action, token: 'main', label: 'trading-1', publicKey: KEY });
    };
    expect(await codeOf(ask(rig))).toBe(code);
    expect(rig.token.asked).toBe(0);
    expect(types(rig)).toEqual(['authorization', 'key', 'failure']);
  });

  it('an attestation that is revoked by its id while the token signs withholds the signature', async () => {
    const rig = await signingRig();
    rig.token.meanwhile = async () => {
      const by = { uid: 0, pid: 1 };
      await rig.append({ type: 'revocation', attestation: statementId(2), reason: 'test', by });
    };
    expect(await codeOf(ask(rig))).toBe('ATTESTATION_REVOKED');
    expect(types(rig)).toEqual(['authorization', 'revocation', 'signature']);
  });

  it('I10: a wall clock that jumps while the request waits stops it', async () => {
    const rig = await signingRig();
    const boot = rig.clock.now;
    rig.clock.boot = () => boot;
    rig.token.waiting = () => {
      rig.clock.now += 10_000;
      return Promise.resolve();
    };
    expect(await codeOf(ask(rig))).toBe('CLOCK_JUMPED');
    expect(rig.token.asked).toBe(0);
    expect(types(rig)).toEqual(['authorization', 'failure']);
  });

  it('an authorization that waited more than 5 s for the token ends as a failure', async () => {
    const rig = await signingRig();
    rig.token.waiting = () => {
      rig.clock.now += 5001;
      return Promise.resolve();
    };
    expect(await codeOf(ask(rig))).toBe('HSM_UNAVAILABLE');
    expect(types(rig)).toEqual(['authorization', 'failure']);
  });

  it('I10: a failed write of the authorization stops signing for good, and the token is never asked', async () => {
    const rig = await signingRig();
    rig.disk.fault = (step) => {
      if (step.op === 'write') throw Object.assign(new Error('EIO'), { code: 'EIO' });
      return null;
    };
    expect(await codeOf(ask(rig))).toBe('LEDGER_UNAVAILABLE');
    rig.disk.fault = () => null;
    expect(await codeOf(ask(rig))).toBe('LEDGER_UNAVAILABLE');
    expect(rig.token.asked).toBe(0);
    expect(rig.ledger.unavailable).not.toBeNull();
  });

  it('I3: a failed write of the outcome withholds the signature', async () => {
    const rig = await signingRig();
    rig.token.meanwhile = () => {
      rig.disk.fault = (step) => {
        if (step.op === 'write') throw Object.assign(new Error('EIO'), { code: 'EIO' });
        return null;
      };
      return Promise.resolve();
    };
    expect(await codeOf(ask(rig))).toBe('LEDGER_UNAVAILABLE');
    expect(types(rig)).toEqual(['authorization']);
  });

  it('a client that went away before the decision costs nothing', async () => {
    const rig = await signingRig();
    const request = { key: 'trading-1', transaction: rig.wire(), id: 'r', signal: AbortSignal.abort() };
    expect(await codeOf(signTransaction(rig.path, rig.caller, request))).toBe('ABORTED');
    expect(types(rig)).toEqual([]);
  });

  it('I5: requests at once never take the last of a limit twice', async () => {
    const rig = await signingRig({ rate: { max: '7', window: '1m' } });
    const answers = await Promise.allSettled(
      Array.from({ length: 30 }, (_, index) => ask(rig, rig.wire(), `request-${String(index)}`)),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled').length).toBe(7);
    expect(rig.token.asked).toBe(7);
  });

  it('I10: a wall clock that jumps stops signing', async () => {
    const rig = await signingRig();
    const boot = rig.clock.now;
    rig.clock.boot = () => boot;
    rig.clock.now += 3_600_000;
    expect(await codeOf(ask(rig))).toBe('CLOCK_JUMPED');
    expect(rig.token.asked).toBe(0);
  });

  it('records refusals once a minute with the message, the rest as a count', async () => {
    const rig = await signingRig();
    for (let index = 0; index < 5; index++) {
      expect(await codeOf(ask(rig, rig.wire(600_000_000n)))).toBe('SPEND_LIMIT_EXCEEDED');
    }
    await rig.path.denials.flush(Number.POSITIVE_INFINITY);
    const denials = rig.entries().filter((entry) => entry.type === 'denial');
    expect(denials.map(({ count }) => count)).toEqual([1, 4]);
    expect(denials.map(({ message }) => message !== undefined)).toEqual([true, false]);
    expect(rig.spentSol()).toBe(0n);
  });

  it('gives an authorization its outcome though the client went away while the token signed', async () => {
    const rig = await signingRig();
    const client = new AbortController();
    rig.token.meanwhile = () => {
      client.abort();
      return Promise.resolve();
    };
    const request = { key: 'trading-1', transaction: rig.wire(), id: 'r', signal: client.signal };
    await signTransaction(rig.path, rig.caller, request);
    expect(types(rig)).toEqual(['authorization', 'signature']);
    expect(rig.ledger.state.open()).toEqual([]);
  });

  it('I4: a uid fills no more than its share of the ledger in 24 hours, repeats and denials included', async () => {
    const rig = await signingRig();
    const { uid } = rig.caller.peer;
    await ask(rig);
    const each = rig.ledger.state.filledBy(uid, rig.clock.now);
    const lines = rig.disk.bytesOf([...rig.disk.names.keys()].find((name) => name.endsWith('.ledger')) ?? '');
    const written =
      lines.subarray(0, lines.indexOf(0)).toString().split('\n').slice(3, 5).join('\n').length + 1;
    // Never less than what the authorization and its signature really took.
    expect(each).toBeGreaterThanOrEqual(written);
    expect(each).toBeLessThan(written + 300);

    const path = { ...rig.path, dailyBytesPerUid: 2 * each };
    const again = rig.wire();
    const sign = (transaction: Uint8Array, caller = rig.caller) =>
      signTransaction(path, caller, { key: 'trading-1', transaction, id: 'request-1' });
    await sign(again);
    const held = rig.ledger.state.filledBy(uid, rig.clock.now);
    expect(held).toBeGreaterThanOrEqual(2 * each);
    const size = rig.ledger.state.size;
    await expect(sign(again)).rejects.toMatchObject({
      code: 'OVERLOADED',
      failures: [{ code: 'OVERLOADED', window: '24h', limit: String(2 * each), spent: String(held) }],
    });
    expect(await codeOf(sign(rig.wire(600_000_000n)))).toBe('OVERLOADED');
    expect(rig.ledger.state.size).toBe(size);
    const other = { ...rig.caller, peer: { ...rig.caller.peer, uid: uid + 1 } };
    await sign(rig.wire(), other);

    rig.clock.now += 86_400_000 + 15 * 60_000;
    expect(rig.ledger.state.filledBy(uid, rig.clock.now)).toBe(0);
  });

  it('counts refusals as bytes of the uid that asked', async () => {
    const rig = await signingRig();
    expect(await codeOf(ask(rig, rig.wire(600_000_000n)))).toBe('SPEND_LIMIT_EXCEEDED');
    const [denial] = rig.entries().filter((entry) => entry.type === 'denial');
    expect(denial).toMatchObject({ uid: rig.caller.peer.uid });
    expect(rig.ledger.state.filledBy(rig.caller.peer.uid, rig.clock.now)).toBeGreaterThan(300);
  });

  it('a policy that came into force after the caller was identified is not judged with the old identity', async () => {
    const rig = await signingRig();
    const caller = { ...rig.caller, policy: 'ff'.repeat(32) };
    const request = { key: 'trading-1', transaction: rig.wire(), id: 'r' };
    expect(await codeOf(signTransaction(rig.path, caller, request))).toBe('OVERLOADED');
  });
});
