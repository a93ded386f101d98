import { getEventListeners } from 'node:events';
import { existsSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { enrolKey, verifyStrict } from '../../../src/core/ed25519.js';
import { backoff } from '../../../src/client/backoff.js';
import { connect, type Client } from '../../../src/client/api.js';
import type { ConnectOptions } from '../../../src/client/client.js';
import type { CallOptions } from '../../../src/client/rpc-session.js';
import { possessionMessage } from '../../../src/protocol/possession.js';
import bs58 from 'bs58';
import { FakeDaemon, wireError, type Handler } from '../../support/fake-daemon.js';
import { keyList, WALLET } from '../../support/fake-signer.js';
import { rejected } from '../../support/rejected.js';

async function connected(daemon: FakeDaemon, options: Partial<ConnectOptions> = {}): Promise<Client> {
  const client = await connect({ socket: daemon.path, ...options });
  onTestFinished(() => {
    client.close();
  });
  return client;
}

const never: Handler = () => undefined;
const list: Handler = () => keyList();

/** Resolves when the daemon has seen this many requests. */
async function seen(daemon: FakeDaemon, count: number): Promise<void> {
  while (daemon.requests.length < count) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** A request that finds out that the connection is gone, whichever way. */
async function noticed(client: Client): Promise<void> {
  const error = await rejected(client.listKeys({ timeout: 100 }));
  expect(['DAEMON_UNREACHABLE', 'TIMEOUT']).toContain(error.code);
}

describe('connecting', () => {
  it('to nothing is DAEMON_UNREACHABLE at once, with what to do', async () => {
    const error = await rejected(connect({ socket: '/nonexistent/signer.sock' }));
    expect(error.code).toBe('DAEMON_UNREACHABLE');
    expect(error.hint).toContain('chancery serve');
  });

  it('to a path that no socket can have is PATH_TOO_LONG, and an empty one is not port 0', async () => {
    const long = await rejected(connect({ socket: `/run/${'x'.repeat(103)}` }));
    expect(long).toMatchObject({ code: 'PATH_TOO_LONG', message: /108 bytes/ });
    const empty = await rejected(connect({ socket: '' }));
    expect(empty).toMatchObject({ code: 'DAEMON_UNREACHABLE', message: /the path is empty/ });
  });

  it.each(['a b.sock', 'a:b.sock', 'a%20b.sock', 'ü?#.sock'])(
    'works for a socket called %j',
    async (path) => {
      const client = await connected(await FakeDaemon.start(list, { path }));
      expect(await client.listKeys()).toHaveLength(1);
    },
  );

  it('with a path alone is refused: it would connect to the socket of the environment', async () => {
    const error = await rejected(connect('/run/other.sock' as unknown as ConnectOptions));
    expect(error.code).toBe('MALFORMED_REQUEST');
    expect(error.hint).toContain('{ socket }');
  });

  it('with a path or a time of another type is MALFORMED_REQUEST, as every error has a code', async () => {
    const of = (options: unknown) => rejected(connect(options as ConnectOptions));
    const socket = '/nonexistent/signer.sock';
    expect(await of({ socket: new URL('file:///run/other.sock') })).toMatchObject({
      code: 'MALFORMED_REQUEST',
      hint: /fileURLToPath/,
    });
    expect((await of({ socket: null })).code).toBe('MALFORMED_REQUEST');
    expect((await of({ socket, timeout: 5n })).code).toBe('MALFORMED_REQUEST');
  });

  it('that the daemon refuses gives its own error', async () => {
    const body = JSON.stringify({
      jsonrpc: '2.0',
      id: null,
      error: { code: 1101, message: 'nobody', data: { code: 'WORKLOAD_UNKNOWN', failures: [] } },
    });
    const daemon = await FakeDaemon.start(list, { refuse: () => ({ status: 403, body }) });
    const error = await rejected(connect({ socket: daemon.path }));
    expect(error).toMatchObject({ code: 'WORKLOAD_UNKNOWN', message: 'nobody' });
  });

  it('to another kind of server is DAEMON_UNREACHABLE', async () => {
    const daemon = await FakeDaemon.start(list, {
      refuse: () => ({ status: 404, body: '<html>'.repeat(50_000) }),
    });
    const error = await rejected(connect({ socket: daemon.path }));
    expect(error.code).toBe('DAEMON_UNREACHABLE');
    expect(error.message).toContain('HTTP status 404');
  });

  it('to a daemon a minor version ahead works, and skips what it does not know', async () => {
    const daemon = await FakeDaemon.start(
      () => keyList().map((item) => ({ ...(item as object), colour: 'red' })),
      {
        version: '1.9',
      },
    );
    expect(await (await connected(daemon)).listKeys()).toEqual(keyList());
  });

  it.each(['2.0', '0.9', 'x', null])('to a daemon of version %j is RESPONSE_INVALID', async (version) => {
    const daemon = await FakeDaemon.start(list, { version });
    const error = await rejected(connect({ socket: daemon.path }));
    expect(error.code).toBe('RESPONSE_INVALID');
    expect(error.hint).toContain('same major version');
  });
});

describe('requests', () => {
  it('are pipelined, and answered in any order', async () => {
    const waiting: (() => void)[] = [];
    const daemon = await FakeDaemon.start(({ params }) => {
      const { promise, resolve } = withResolvers<string>();
      waiting.push(() => {
        resolve(`proof of ${String(params['sequence'])}`);
      });
      return promise;
    });
    const client = await connected(daemon);
    const proofs = ['1', '2', '3'].map((sequence) => client.getProof({ sequence }));
    await seen(daemon, 3);
    for (const answer of waiting.reverse()) answer();
    expect(await Promise.all(proofs)).toEqual(['proof of 1', 'proof of 2', 'proof of 3']);
    expect(daemon.connections).toBe(1);
    expect(new Set(daemon.requests.map(({ id }) => id)).size).toBe(3);
  });

  it('time out one by one, and a late answer disturbs nobody', async () => {
    const answers: (() => void)[] = [];
    const daemon = await FakeDaemon.start(({ id, websocket, method }) => {
      if (method !== 'getProof') return keyList();
      answers.push(() => {
        websocket.send(JSON.stringify({ jsonrpc: '2.0', id, result: 'late' }));
      });
      return undefined;
    });
    const client = await connected(daemon);
    const error = await rejected(client.getProof({ sequence: '1' }, { timeout: 20 }));
    expect(error.code).toBe('TIMEOUT');
    expect(error.message).toContain('20 ms');
    answers[0]!();
    expect(await client.listKeys()).toHaveLength(1);
  });

  it('may wait without end, and not for no time', async () => {
    const daemon = await FakeDaemon.start(list);
    const client = await connected(daemon, { timeout: Infinity });
    expect(await client.listKeys({ timeout: 2 ** 31 })).toHaveLength(1);
    for (const timeout of [0, -1, Number.NaN]) {
      expect((await rejected(client.listKeys({ timeout }))).code).toBe('MALFORMED_REQUEST');
      expect((await rejected(connect({ socket: daemon.path, timeout }))).code).toBe('MALFORMED_REQUEST');
    }
  });

  it('can be aborted, before and while they wait', async () => {
    const daemon = await FakeDaemon.start(({ method }) => (method === 'getProof' ? undefined : keyList()));
    const client = await connected(daemon);
    expect((await rejected(client.listKeys({ signal: AbortSignal.abort() }))).code).toBe('ABORTED');
    expect(daemon.requests).toHaveLength(0);
    const controller = new AbortController();
    const waiting = rejected(client.getProof({ sequence: '1' }, { signal: controller.signal }));
    await seen(daemon, 1);
    controller.abort();
    expect((await waiting).code).toBe('ABORTED');
    expect(await client.listKeys()).toHaveLength(1);
  });

  it('are refused with an AbortController in place of its signal, which a timer would fail on later', async () => {
    const client = await connected(await FakeDaemon.start(list));
    const signal = new AbortController() as unknown as AbortSignal;
    const refused = { code: 'MALFORMED_REQUEST', hint: 'of an AbortController, give its `signal`' };
    expect(await rejected(client.listKeys({ signal, timeout: 1 }))).toMatchObject(refused);
    expect(await rejected(connect({ signal }))).toMatchObject(refused);
    // What a timer throws fails the whole run.
    await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it('are refused with what JSON has not, which is a plain error of the language otherwise', async () => {
    const daemon = await FakeDaemon.start(list);
    const client = await connected(daemon);
    const round: Record<string, unknown> = {};
    round['itself'] = round;
    for (const sequence of [7n, round] as unknown as string[]) {
      const error = await rejected(client.getProof({ sequence }));
      expect(error).toMatchObject({ code: 'MALFORMED_REQUEST', hint: /toString\(\)/ });
    }
    expect(daemon.requests).toEqual([]);
    expect(await client.listKeys()).toHaveLength(1);
  });

  it('are refused with a time alone, which would be taken for no options', async () => {
    const client = await connected(await FakeDaemon.start(list));
    for (const options of [5000, null] as unknown as CallOptions[]) {
      const error = await rejected(client.listKeys(options));
      expect(error).toMatchObject({ code: 'MALFORMED_REQUEST', hint: /timeout/ });
    }
    const timeout = 5000n as unknown as number;
    expect((await rejected(client.listKeys({ timeout }))).code).toBe('MALFORMED_REQUEST');
  });

  it('end with ABORTED when the client is closed, and so do later ones', async () => {
    const daemon = await FakeDaemon.start(never);
    const client = await connected(daemon);
    const waiting = rejected(client.listKeys());
    await seen(daemon, 1);
    client.close();
    expect((await waiting).code).toBe('ABORTED');
    expect((await rejected(client.listKeys())).code).toBe('ABORTED');
  });

  it('end with ABORTED when the signal given at connect is aborted', async () => {
    const controller = new AbortController();
    const daemon = await FakeDaemon.start(never);
    const client = await connected(daemon, { signal: controller.signal });
    const waiting = rejected(client.listKeys());
    await seen(daemon, 1);
    controller.abort();
    expect((await waiting).code).toBe('ABORTED');
    const early = await rejected(connect({ socket: daemon.path, signal: controller.signal }));
    expect(early.code).toBe('ABORTED');
  });
});

describe('a closed client leaves nothing behind', () => {
  it('not in the signal given at connect, which other clients may share', async () => {
    const { signal } = new AbortController();
    const daemon = await FakeDaemon.start(list);
    const clients = [await connected(daemon, { signal }), await connected(daemon, { signal })];
    expect(getEventListeners(signal, 'abort')).toHaveLength(2);
    for (const client of clients) client.close();
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    await rejected(connect({ socket: '/nonexistent/signer.sock', signal }));
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  const sockets = (): number => process.getActiveResourcesInfo().filter((name) => name === 'PipeWrap').length;

  it('nor its socket, when the daemon sends more than an answer has and does not close', async () => {
    let before = 0;
    const daemon = await FakeDaemon.start(({ websocket }) => {
      websocket.pause();
      before = sockets();
      return 'x'.repeat(9 * 1024 * 1024);
    });
    const client = await connected(daemon);
    expect((await rejected(client.listKeys())).code).toBe('DAEMON_UNREACHABLE');
    while (sockets() >= before) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(sockets()).toBeLessThan(before);
  });

  it('nor its socket, when the daemon does not answer the closing handshake', async () => {
    const daemon = await FakeDaemon.start(({ websocket }) => {
      websocket.pause();
      return keyList();
    });
    const client = await connected(daemon);
    await client.listKeys();
    const before = sockets();
    client.close();
    while (sockets() >= before) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(sockets()).toBeLessThan(before);
  });
});

describe('answers that make no sense', () => {
  const cases: [string, string | Buffer, string][] = [
    ['no JSON', 'hello', 'RESPONSE_INVALID'],
    ['an array', '[]', 'RESPONSE_INVALID'],
    ['a number', '1', 'RESPONSE_INVALID'],
    ['binary', Buffer.from('{}'), 'RESPONSE_INVALID'],
    [
      'an error for nobody',
      JSON.stringify({
        id: null,
        error: { message: 'too long', data: { code: 'MALFORMED_REQUEST', failures: [] } },
      }),
      'MALFORMED_REQUEST',
    ],
  ];
  it.each(cases)(
    '%s fails what waits, and the next request gets a new connection',
    async (_name, answer, code) => {
      const daemon = await FakeDaemon.start(({ connection, websocket }) => {
        if (connection > 0) return keyList();
        websocket.send(answer);
        return undefined;
      });
      const client = await connected(daemon);
      expect((await rejected(client.listKeys())).code).toBe(code);
      expect(await client.listKeys()).toHaveLength(1);
      expect(daemon.connections).toBe(2);
    },
  );

  it('with an id nobody used are skipped', async () => {
    const daemon = await FakeDaemon.start(({ websocket }) => {
      websocket.send(JSON.stringify({ jsonrpc: '2.0', id: 999, result: [] }));
      websocket.send(JSON.stringify({ jsonrpc: '2.0', id: 'x', result: [] }));
      websocket.send(JSON.stringify({ jsonrpc: '2.0', method: 'event', params: {} }));
      return keyList();
    });
    expect(await (await connected(daemon)).listKeys()).toHaveLength(1);
  });

  it('a result that is not what the protocol says is RESPONSE_INVALID', async () => {
    const client = await connected(await FakeDaemon.start(() => [{ id: 1 }]));
    expect((await rejected(client.listKeys())).code).toBe('RESPONSE_INVALID');
  });
});

describe('a lost connection', () => {
  it('fails what was under way, is never sent again by itself, and comes back for the next request', async () => {
    const daemon = await FakeDaemon.start(({ connection }) => (connection === 0 ? undefined : keyList()));
    const client = await connected(daemon);
    const waiting = [rejected(client.listKeys()), rejected(client.listKeys())];
    await seen(daemon, 2);
    daemon.cut();
    for (const error of await Promise.all(waiting)) {
      expect(error.code).toBe('DAEMON_UNREACHABLE');
      expect(error.hint).toContain('counts nothing more');
    }
    expect(daemon.requests).toHaveLength(2);
    expect(await client.listKeys()).toHaveLength(1);
    expect(daemon.connections).toBe(2);
  });

  it('is waited for while the daemon restarts, with one new connection for all who wait', async () => {
    const daemon = await FakeDaemon.start(list);
    const client = await connected(daemon);
    await client.listKeys();
    await daemon.stop();
    expect(existsSync(daemon.path)).toBe(false);
    await noticed(client);
    const waiting = Promise.all([client.listKeys(), client.listKeys(), client.listKeys()]);
    await daemon.listen();
    expect(await waiting).toHaveLength(3);
    expect(daemon.connections).toBe(2);
  });

  it('that does not come back is TIMEOUT, and later requests try again', async () => {
    const daemon = await FakeDaemon.start(list);
    const client = await connected(daemon);
    await daemon.stop();
    await noticed(client);
    const error = await rejected(client.listKeys({ timeout: 120 }));
    expect(error.code).toBe('TIMEOUT');
    // A path that is wrong by now, or a daemon that is down, looks like a slow one otherwise.
    expect(error.message).toMatch(/within 120 ms: no daemon answers at .*ENOENT/);
    await daemon.listen();
    expect(await client.listKeys()).toHaveLength(1);
  });

  it('does not send later what was given up meanwhile: it would be signed for nobody', async () => {
    const daemon = await FakeDaemon.start(list);
    const client = await connected(daemon);
    await daemon.stop();
    await noticed(client);
    const gone = new AbortController();
    const given = [
      rejected(client.getProof({ sequence: '1' }, { timeout: 50 })),
      rejected(client.getProof({ sequence: '2' }, { signal: gone.signal })),
    ];
    const waited = client.listKeys();
    setTimeout(() => {
      gone.abort();
    }, 20);
    expect((await Promise.all(given)).map(({ code }) => code)).toEqual(['TIMEOUT', 'ABORTED']);
    const before = daemon.requests.length;
    await daemon.listen();
    await waited;
    await client.listKeys();
    expect(daemon.requests.slice(before).map(({ method }) => method)).toEqual(['listKeys', 'listKeys']);
  });

  it('is not tried again when the daemon refuses the caller', async () => {
    let refused = false;
    const body = JSON.stringify({
      error: { message: 'x', data: { code: 'WORKLOAD_CHANGED', failures: [] } },
    });
    const daemon = await FakeDaemon.start(list, { refuse: () => (refused ? { status: 403, body } : null) });
    const client = await connected(daemon);
    refused = true;
    daemon.cut();
    const first = await rejected(client.listKeys());
    const error = first.code === 'DAEMON_UNREACHABLE' ? await rejected(client.listKeys()) : first;
    expect(error.code).toBe('WORKLOAD_CHANGED');
  });

  it('is closed at once by close, also between attempts', async () => {
    const daemon = await FakeDaemon.start(list);
    const client = await connected(daemon);
    await daemon.stop();
    const waiting = rejected(client.listKeys());
    client.close();
    expect((await waiting).code).toBe('ABORTED');
  });
});

describe('possession', () => {
  const nonce = Buffer.alloc(32, 5);
  const origin = 'chancery.local/demo/72cd6e8422c407fb';
  const challenge = {
    nonce: nonce.toString('base64'),
    ledger: { origin, size: 1, root: 'x' },
    policy: 'ab'.repeat(32),
  };
  const possession = { publicKey: WALLET.address, sign: (message: Uint8Array) => WALLET.raw(message) };

  it('is proved on every new connection before any request', async () => {
    const daemon = await FakeDaemon.start(({ method }) => {
      if (method === 'getChallenge') return challenge;
      return method === 'authenticate' ? { workload: 'w', keys: [], expiresAt: null } : keyList();
    });
    const client = await connected(daemon, { possession });
    await client.listKeys();
    daemon.cut();
    // The cut may not have been noticed yet.
    await client.listKeys().catch(() => client.listKeys());
    expect(daemon.requests.map(({ method, connection }) => `${String(connection)} ${method}`)).toEqual([
      ...['0 getChallenge', '0 authenticate', '0 listKeys'],
      ...['1 getChallenge', '1 authenticate', '1 listKeys'],
    ]);
    const proof = daemon.requests[1]!.params['possession'] as { publicKey: string; signature: string };
    expect(proof.publicKey).toBe(WALLET.address);
    const key = enrolKey(WALLET.publicKey)!;
    expect(verifyStrict(key, possessionMessage(origin, nonce), bs58.decode(proof.signature))).toBe(true);
  });

  it('that the daemon never answers holds nothing up: the next request starts afresh', async () => {
    let silent = false;
    const daemon = await FakeDaemon.start(({ method }) => {
      if (silent) return undefined;
      if (method === 'getChallenge') return challenge;
      return method === 'authenticate' ? { workload: 'w', keys: [], expiresAt: null } : keyList();
    });
    const client = await connected(daemon, { possession, timeout: 150 });
    silent = true;
    daemon.cut();
    await noticed(client);
    expect((await rejected(client.listKeys())).code).toMatch(/^(TIMEOUT|DAEMON_UNREACHABLE)$/);
    silent = false;
    expect(await client.listKeys({ timeout: 5000 })).toHaveLength(1);
  });

  it('whose signer hangs once holds nothing up either', async () => {
    let hangs = false;
    const daemon = await FakeDaemon.start(({ method }) => {
      if (method === 'getChallenge') return challenge;
      return method === 'authenticate' ? { workload: 'w', keys: [], expiresAt: null } : keyList();
    });
    const sign = (message: Uint8Array): Promise<Uint8Array> | Uint8Array =>
      hangs ? new Promise(() => undefined) : WALLET.raw(message);
    const client = await connected(daemon, { possession: { ...possession, sign }, timeout: 150 });
    hangs = true;
    daemon.cut();
    await noticed(client);
    expect((await rejected(client.listKeys())).code).toMatch(/^(TIMEOUT|DAEMON_UNREACHABLE)$/);
    hangs = false;
    expect(await client.listKeys({ timeout: 5000 })).toHaveLength(1);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no device');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no device'))],
    ['gives half a signature', () => new Uint8Array(32)],
    ['gives nothing', () => undefined as unknown as Uint8Array],
  ])('whose signer %s is POSSESSION_REQUIRED', async (_how, sign) => {
    const daemon = await FakeDaemon.start(({ method }) =>
      method === 'getChallenge' ? challenge : keyList(),
    );
    const error = await rejected(
      connect({ socket: daemon.path, possession: { publicKey: WALLET.address, sign } }),
    );
    expect(error.code).toBe('POSSESSION_REQUIRED');
    expect(daemon.requests.map(({ method }) => method)).toEqual(['getChallenge']);
  });

  it('that the daemon refuses fails the connection', async () => {
    const daemon = await FakeDaemon.start(({ method }) =>
      method === 'getChallenge' ? challenge : wireError('POSSESSION_REQUIRED', 'no'),
    );
    expect((await rejected(connect({ socket: daemon.path, possession }))).code).toBe('POSSESSION_REQUIRED');
  });
});

describe('backoff', () => {
  it('doubles from 50 ms, is never longer than 2 s, and is spread over half of it', () => {
    expect([1, 2, 3, 4].map((attempt) => backoff(attempt, 1))).toEqual([50, 100, 200, 400]);
    expect([1, 2, 3, 4].map((attempt) => backoff(attempt, 0))).toEqual([25, 50, 100, 200]);
    for (const attempt of [7, 100, 100_000]) expect(backoff(attempt, 1)).toBe(2000);
  });
});

/** Promise.withResolvers of later Node versions. */
function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
