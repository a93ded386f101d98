import { describe, expect, it, onTestFinished } from 'vitest';
import { connect, type Client } from '../../../src/client/api.js';
import { PROTOCOL_VERSION } from '../../../src/protocol/version.js';
import { FakeDaemon, wireError, type Handler } from '../../support/fake-daemon.js';
import { FakeTransaction, keyList, pubkeyOf, signedReply, WALLET } from '../../support/fake-signer.js';
import { rejected } from '../../support/rejected.js';

async function clientOf(version: string, handler: Handler): Promise<Client> {
  const daemon = await FakeDaemon.start(
    (request) => (request.method === 'listKeys' ? newer(keyList()) : handler(request)),
    { version },
  );
  const client = await connect({ socket: daemon.path });
  onTestFinished(() => {
    client.close();
  });
  return client;
}

/** The same value with a field nobody knows in every object of it. */
function newer(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(newer);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).map(([name, field]) => [name, newer(field)] as const);
  return { ...Object.fromEntries(fields), addedLater: { list: [1] } };
}

const [major = '', minor = ''] = PROTOCOL_VERSION.split('.');
const AHEAD = `${major}.${String(Number(minor) + 1)}`;
const transaction = new FakeTransaction(0, [pubkeyOf(WALLET)]);
const asked = { key: 'trading-1', transaction: transaction.bytes };
const refusal = {
  code: 4242,
  message: 'refused by a rule of tomorrow',
  data: {
    code: 'RULE_OF_TOMORROW',
    failures: [
      { code: 'RULE_OF_TOMORROW', message: 'refused by a rule of tomorrow' },
      { code: 'RATE_LIMITED', message: '9 of 9', limit: '9' },
    ],
    request: 'aa',
  },
};
const explanation = {
  decision: 'deny',
  key: 'trading-1',
  publicKey: WALLET.address,
  transaction: { version: 'v2', signers: 1, slot: 0 },
  failures: refusal.data.failures,
  effects: [{ instruction: 0, program: 'system', name: 'Transfer' }],
  fee: '5',
  feeBound: { payer: true, base: '5', priority: '0', signatures: 1, units: 1, unitsSet: true },
  counted: [],
  limits: [],
  exposure: [],
  checks: [{ rule: 'key', passed: true, sentence: 'in service' }],
  advice: [],
  assets: [{ name: 'SOL', decimals: 9 }],
};

describe('a daemon one minor version ahead', () => {
  it('signs: fields that are not known are skipped wherever they stand', async () => {
    const client = await clientOf(AHEAD, () => newer(signedReply(transaction, 0)));
    const signed = await client.signTransaction(asked);
    expect(signed.entry).toEqual({ sequence: '7', hash: 'ab'.repeat(32) });
  });

  it('refuses with a code of its own: the error names it, the failures that are known are kept', async () => {
    const client = await clientOf(AHEAD, () =>
      wireError(refusal.data.code, refusal.message, newer(refusal.data) as Record<string, unknown>),
    );
    const error = await rejected(client.signTransaction(asked));
    expect(error).toMatchObject({ code: 'RESPONSE_INVALID', request: 'aa' });
    expect(error.message).toContain('RULE_OF_TOMORROW: refused by a rule of tomorrow');
    expect(error.failures).toEqual([{ code: 'RATE_LIMITED', message: '9 of 9', limit: '9' }]);
  });

  it('refuses one of several with a code of its own: the others are as good as ever', async () => {
    const client = await clientOf(AHEAD, () =>
      newer([{ error: refusal }, { result: signedReply(transaction, 0) }]),
    );
    const [first, second] = await client.signTransactions({
      key: 'trading-1',
      transactions: [transaction.bytes, transaction.bytes],
    });
    expect(first).toMatchObject({ ok: false, error: { code: 'RESPONSE_INVALID' } });
    expect(second).toMatchObject({ ok: true, signed: { entry: { sequence: '7' } } });
  });

  it('explains transactions and failures this client has never heard of', async () => {
    const client = await clientOf(AHEAD, () => newer(explanation));
    const { decision, failures, transaction: shape } = await client.explainTransaction(asked);
    expect(decision).toBe('deny');
    expect(shape.version).toBe('v2');
    expect(failures.map(({ code }) => code)).toEqual(['RULE_OF_TOMORROW', 'RATE_LIMITED']);
  });
});

describe('a daemon one minor version behind', () => {
  it('lacks a method: the error says so and the connection goes on', async () => {
    const client = await clientOf(PROTOCOL_VERSION, ({ method }) =>
      method === 'getProof'
        ? wireError('UNKNOWN_METHOD', 'there is no method "getProof"')
        : signedReply(transaction, 0),
    );
    expect(await rejected(client.getProof({ sequence: '1' }))).toMatchObject({ code: 'UNKNOWN_METHOD' });
    expect((await client.signTransaction(asked)).entry.sequence).toBe('7');
  });

  it('leaves out what is optional', async () => {
    const older = Object.fromEntries(
      Object.entries(signedReply(transaction, 0)).filter(([name]) => name !== 'request'),
    );
    const client = await clientOf(PROTOCOL_VERSION, () => older);
    expect(await client.signTransaction(asked)).not.toHaveProperty('request');
  });
});
