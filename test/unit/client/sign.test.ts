import { runInNewContext } from 'node:vm';
import bs58 from 'bs58';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connect, type Client } from '../../../src/client/api.js';
import type { ConnectOptions } from '../../../src/client/client.js';
import { ErrorAnswer, FakeDaemon, wireError, type Handler } from '../../support/fake-daemon.js';
import {
  FakeTransaction,
  keyList,
  OTHER,
  pubkeyOf,
  signedReply,
  VERSIONS,
  WALLET,
} from '../../support/fake-signer.js';
import { rejected } from '../../support/rejected.js';
import { key } from '../../support/solana-build.js';

async function clientOf(handler: Handler, options: Partial<ConnectOptions> = {}): Promise<Client> {
  const daemon = await FakeDaemon.start((request) =>
    request.method === 'listKeys' ? keyList() : handler(request),
  );
  const client = await connect({ socket: daemon.path, ...options });
  onTestFinished(() => {
    client.close();
  });
  return client;
}

const mine = pubkeyOf(WALLET);
const plain = new FakeTransaction(0, [mine]);

describe('an honest signature', () => {
  it.each(VERSIONS)('of a version %s transaction is passed on with its entry', async (version) => {
    const transaction = new FakeTransaction(version, [mine]);
    const client = await clientOf(() => signedReply(transaction, 0));
    const signed = await client.signTransaction({ key: 'trading-1', transaction: transaction.bytes });
    expect(signed.signature).toBe(bs58.encode(WALLET.raw(transaction.message)));
    expect(Buffer.from(signed.signatureBytes).equals(WALLET.raw(transaction.message))).toBe(true);
    expect(Buffer.from(signed.transaction).equals(transaction.withSignature(0, signed.signatureBytes))).toBe(
      true,
    );
    expect(signed.entry.sequence).toBe('7');
    expect(signed.request).toBe('0123456789abcdef');
  });

  it.each(VERSIONS)('in the second of three slots of version %s leaves the others alone', async (version) => {
    const transaction = new FakeTransaction(version, [key(1), mine, key(2)]);
    const foreign = Buffer.alloc(64, 7);
    const partly = transaction.withSignature(0, foreign);
    const signature = WALLET.raw(transaction.message);
    const client = await clientOf(() => {
      const full = Buffer.from(partly);
      full.set(signature, transaction.slotOffset(1));
      return { ...signedReply(transaction, 1), transaction: full.toString('base64') };
    });
    const signed = await client.signTransaction({ key: 'trading-1', transaction: partly });
    const at = transaction.slotOffset(0);
    expect(
      Buffer.from(signed.transaction)
        .subarray(at, at + 64)
        .equals(foreign),
    ).toBe(true);
  });

  it('may be asked for in base64', async () => {
    const client = await clientOf(() => signedReply(plain, 0));
    const signed = await client.signTransaction({ key: 'trading-1', transaction: plain.base64 });
    expect(signed.signature).toBe(signedReply(plain, 0)['signature']);
  });
});

describe('I1: a daemon that does not do what it was asked', () => {
  const good = signedReply(plain, 0);
  const changed = (at: number): Record<string, unknown> => {
    const bytes = Buffer.from(String(good['transaction']), 'base64');
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    return { ...good, transaction: bytes.toString('base64') };
  };
  const another = new FakeTransaction(0, [mine, key(3)]);
  const foreign = new FakeTransaction(0, [pubkeyOf(OTHER)]);

  it.each<[string, Record<string, unknown>, string]>([
    ['changes the count of signatures', changed(0), 'outside the signature slot'],
    ['changes the first byte of the message', changed(65), 'outside the signature slot'],
    ['changes the last byte of the message', changed(plain.bytes.length - 1), 'outside the signature slot'],
    ['answers another transaction', signedReply(another, 0), 'outside the signature slot'],
    [
      'adds a byte',
      { ...good, transaction: Buffer.concat([plain.bytes, Buffer.alloc(1)]).toString('base64') },
      'outside the signature slot',
    ],
    [
      'names another signature',
      { ...good, signature: bs58.encode(Buffer.alloc(64, 1)) },
      'not the one in the',
    ],
    ['names none', { ...good, signature: '0'.repeat(64) }, 'not the one in the'],
    [
      'answers loose base64',
      { ...good, transaction: `${String(good['transaction'])}\n` },
      'canonical base64',
    ],
    ['leaves out the signature', { ...good, signature: undefined }, 'not what the protocol says'],
    ['leaves out the entry', { ...good, entry: undefined }, 'not what the protocol says'],
  ])('%s: RESPONSE_INVALID', async (_name, reply, sentence) => {
    const client = await clientOf(() => reply);
    const error = await rejected(client.signTransaction({ key: 'trading-1', transaction: plain.bytes }));
    expect(error.code).toBe('RESPONSE_INVALID');
    expect(error.message).toContain(sentence);
  });

  it('signs with another key: SIGNATURE_WRONG', async () => {
    const client = await clientOf(() => signedReply(plain, 0, OTHER));
    const error = await rejected(client.signTransaction({ key: 'trading-1', transaction: plain.bytes }));
    expect(error.code).toBe('SIGNATURE_WRONG');
  });

  it('leaves the slot empty: SIGNATURE_WRONG', async () => {
    const zeros = Buffer.alloc(64);
    const client = await clientOf(() => ({
      ...good,
      signature: bs58.encode(zeros),
      transaction: plain.base64,
    }));
    const error = await rejected(client.signTransaction({ key: 'trading-1', transaction: plain.bytes }));
    expect(error.code).toBe('SIGNATURE_WRONG');
  });

  it('signs where the expected key is no signer: KEY_UNTRUSTED, as after a rotation', async () => {
    const client = await clientOf(() => signedReply(foreign, 0, OTHER));
    const error = await rejected(client.signTransaction({ key: 'trading-1', transaction: foreign.bytes }));
    expect(error.code).toBe('KEY_UNTRUSTED');
    expect(error.message).toContain('which is expected and no signer here');
    expect(error.hint).toContain('a rotated key needs a new connection');
  });

  it('signs what is no transaction: RESPONSE_INVALID', async () => {
    for (const bytes of [
      Buffer.from('hello'),
      Buffer.from([0x81]),
      Buffer.from([1]),
      plain.bytes.subarray(0, 70),
    ]) {
      const client = await clientOf(() => ({ ...good, transaction: bytes.toString('base64') }));
      const error = await rejected(client.signTransaction({ key: 'trading-1', transaction: bytes }));
      expect(error.code).toBe('RESPONSE_INVALID');
    }
  });
});

describe('the expected key', () => {
  it('given at connect is the one that counts, whatever listKeys says', async () => {
    const client = await clientOf(() => signedReply(plain, 0), { expect: { 'trading-1': OTHER.address } });
    const error = await rejected(client.signTransaction({ key: 'trading-1', transaction: plain.bytes }));
    expect(error.code).toBe('KEY_UNTRUSTED');
  });

  it('given with the request must be the pinned one', async () => {
    const client = await clientOf(() => signedReply(plain, 0), { expect: { 'trading-1': WALLET.address } });
    const request = { key: 'trading-1', transaction: plain.bytes };
    await client.signTransaction({ ...request, publicKey: WALLET.address });
    const error = await rejected(client.signTransaction({ ...request, publicKey: OTHER.address }));
    expect(error.code).toBe('KEY_UNTRUSTED');
  });

  it('is pinned at first use: a daemon cannot give the id another key later', async () => {
    let wallet = WALLET;
    const daemon = await FakeDaemon.start(({ method }) =>
      method === 'listKeys' ? keyList('trading-1', wallet) : signedReply(plain, 0, wallet),
    );
    const client = await connect({ socket: daemon.path });
    onTestFinished(() => {
      client.close();
    });
    await client.signTransaction({ key: 'trading-1', transaction: plain.bytes });
    wallet = OTHER;
    const error = await rejected(client.signTransaction({ key: 'trading-1', transaction: plain.bytes }));
    expect(error.code).toBe('SIGNATURE_WRONG');
    expect(daemon.requests.filter(({ method }) => method === 'listKeys')).toHaveLength(1);
  });

  it('that nobody names: the refusal of the daemon passes, its signature does not', async () => {
    const refusing = await clientOf(() => wireError('UNKNOWN_KEY', 'no key is called other'));
    const refused = await rejected(refusing.signTransaction({ key: 'other', transaction: plain.bytes }));
    expect(refused.code).toBe('UNKNOWN_KEY');
    const signing = await clientOf(() => signedReply(plain, 0));
    const error = await rejected(signing.signTransaction({ key: 'other', transaction: plain.bytes }));
    expect(error.code).toBe('KEY_UNTRUSTED');
  });

  it('of another type is MALFORMED_REQUEST, and asks nobody', async () => {
    const asObject = { toBase58: () => WALLET.address } as unknown as string;
    const atConnect = await rejected(clientOf(() => null, { expect: { 'trading-1': asObject } }));
    expect(atConnect).toMatchObject({
      code: 'MALFORMED_REQUEST',
      hint: /toBase58\(\)/,
    });
    const client = await clientOf(() => signedReply(plain, 0));
    const request = { key: 'trading-1', transaction: plain.bytes, publicKey: asObject };
    expect((await rejected(client.signTransaction(request))).code).toBe('MALFORMED_REQUEST');
  });

  it('that is no sound key is refused at connect', async () => {
    for (const address of ['me', '1'.repeat(32), bs58.encode(Buffer.alloc(32, 0xff))]) {
      const error = await rejected(connect({ socket: '/nowhere', expect: { k: address } }));
      expect(error.code).toBe('KEY_UNTRUSTED');
    }
  });
});

describe('several transactions', () => {
  it('give a result or an error for each, in order, each checked', async () => {
    const second = new FakeTransaction('legacy', [mine]);
    const client = await clientOf(() => [
      { result: signedReply(plain, 0) },
      { error: { code: 1402, message: 'over', data: { code: 'SPEND_LIMIT_EXCEEDED', failures: [] } } },
      { result: signedReply(second, 0, OTHER) },
    ]);
    const transactions = [plain.bytes, plain.bytes, second.bytes];
    const items = await client.signTransactions({ key: 'trading-1', transactions });
    expect(items.map((item) => (item.ok ? 'signed' : item.error.code))).toEqual([
      'signed',
      'SPEND_LIMIT_EXCEEDED',
      'SIGNATURE_WRONG',
    ]);
  });

  it('answered in another number are RESPONSE_INVALID', async () => {
    const client = await clientOf(() => [{ result: signedReply(plain, 0) }]);
    const error = await rejected(
      client.signTransactions({ key: 'trading-1', transactions: [plain.bytes, plain.bytes] }),
    );
    expect(error.code).toBe('RESPONSE_INVALID');
  });
});

describe('a refusal', () => {
  it('carries code, every failure with its figures, the hint and the request id', async () => {
    const failure = {
      code: 'SPEND_LIMIT_EXCEEDED',
      message: 'over',
      asset: 'SOL',
      limit: '2000000000',
      spent: '1900000000',
      requested: '200000000',
      resetsAt: '2026-11-22T13:00:00.000Z',
    };
    const client = await clientOf(() =>
      wireError('SPEND_LIMIT_EXCEEDED', 'over', { failures: [failure], hint: 'wait', request: 'ff00' }),
    );
    const error = await rejected(client.signTransaction({ key: 'trading-1', transaction: plain.bytes }));
    expect(error).toMatchObject({
      code: 'SPEND_LIMIT_EXCEEDED',
      message: 'over',
      hint: 'wait',
      request: 'ff00',
    });
    expect(error.failures).toEqual([failure]);
  });

  it('of a newer daemon, with a code we do not know, is RESPONSE_INVALID with its words', async () => {
    const client = await clientOf(() =>
      wireError('MOON_PHASE', 'not tonight', { failures: [{ code: 'MOON_PHASE', message: 'x' }], extra: 1 }),
    );
    const error = await rejected(client.signTransaction({ key: 'trading-1', transaction: plain.bytes }));
    expect(error.code).toBe('RESPONSE_INVALID');
    expect(error.message).toBe('the daemon answered with the code MOON_PHASE: not tonight');
  });

  it.each([[null], ['x'], [{}], [{ message: 'x', data: 'y' }], [[]]])(
    'that is %j is RESPONSE_INVALID',
    async (value) => {
      const client = await clientOf(() => new ErrorAnswer(value));
      const error = await rejected(client.getChallenge());
      expect(error.code).toBe('RESPONSE_INVALID');
    },
  );
});

describe('what an agent without types passes', () => {
  const asked: string[] = [];
  const handler: Handler = ({ method }) => {
    asked.push(method);
    return signedReply(plain, 0);
  };

  it.each([undefined, null, 7, [1, 2], {}, new ArrayBuffer(3), new Uint16Array(3)])(
    '%s for a transaction is MALFORMED_REQUEST, and asks nobody',
    async (transaction) => {
      const client = await clientOf(handler);
      const request = { key: 'trading-1', transaction: transaction as string };
      expect((await rejected(client.signTransaction(request))).code).toBe('MALFORMED_REQUEST');
      expect((await rejected(client.explainTransaction(request))).code).toBe('MALFORMED_REQUEST');
      const many = { key: 'trading-1', transactions: [plain.bytes, transaction as string] };
      const error = await rejected(client.signTransactions(many));
      expect(error.code).toBe('MALFORMED_REQUEST');
      expect(error.message).toMatch(/^a transaction is its wire bytes or their base64, not /);
      expect(asked).toEqual([]);
    },
  );

  it.each([undefined, null, 'text'])('%s for a request is MALFORMED_REQUEST', async (value) => {
    const client = await clientOf(handler);
    const request = value as unknown as { key: string; transaction: string; transactions: string[] };
    for (const call of [
      client.signTransaction(request),
      client.signTransactions(request),
      client.explainTransaction(request),
    ]) {
      expect((await rejected(call)).code).toBe('MALFORMED_REQUEST');
    }
  });

  it('bytes of another realm are as good as ours', async () => {
    const foreign = runInNewContext('Uint8Array.from(bytes)', { bytes: [...plain.bytes] }) as Uint8Array;
    expect(foreign).not.toBeInstanceOf(Uint8Array);
    const client = await clientOf(() => signedReply(plain, 0));
    await client.signTransaction({ key: 'trading-1', transaction: foreign });
  });
});
