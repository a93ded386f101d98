import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ChanceryError } from '../../../src/core/errors.js';
import {
  fakePeer,
  gate,
  http,
  rawClient,
  rpc,
  testServers,
  until,
  websocket,
  type RpcReply,
} from '../../support/transport.js';

const servers = testServers();
afterEach(() => servers.close());

const request = (id: number | string, method = 'echo', params: unknown = {}): string =>
  JSON.stringify({ jsonrpc: '2.0', id, method, params });

const UPGRADE =
  'GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

describe('requests', () => {
  it('answers one request by HTTP and by WebSocket on the same socket', async () => {
    const { path } = await servers.start();
    expect(await rpc(path, 'echo', { a: 1 })).toEqual({ jsonrpc: '2.0', id: 1, result: { a: 1 } });
    const client = await websocket(path);
    expect(await client.call('echo', { b: 2 }, 7)).toEqual({ jsonrpc: '2.0', id: 7, result: { b: 2 } });
  });

  it('states the protocol version on HTTP answers', async () => {
    const { path } = await servers.start();
    const reply = await http(path, request(1));
    expect(reply.headers['chancery-protocol']).toBe('1.0');
  });

  it('gives each request its own id and each connection its own identity', async () => {
    const { path, calls } = await servers.start();
    const client = await websocket(path);
    await client.call('one');
    await client.call('two');
    const other = await websocket(path);
    await other.call('three');
    const [one, two, three] = calls;
    expect(new Set(calls.map((call) => call.requestId)).size).toBe(3);
    expect(one!.requestId).toMatch(/^[0-9a-f]{16}$/);
    expect(two!.connection).toBe(one!.connection);
    expect(three!.connection).not.toBe(one!.connection);
    expect(one!.connection.kind).toBe('websocket');
  });

  it('answers a batch in its order, errors among results', async () => {
    const { path } = await servers.start({
      route: async (call) => {
        if (call.method === 'slow') await new Promise((resolve) => setTimeout(resolve, 20));
        if (call.method === 'bad') throw new ChanceryError('UNKNOWN_KEY', 'no such key');
        return call.method;
      },
    });
    const body = `[${request(1, 'slow')},${request(2, 'bad')},{"id":3},${request(4, 'fast')}]`;
    const replies = JSON.parse((await http(path, body)).body) as RpcReply[];
    expect(replies.map((reply) => reply.id)).toEqual([1, 2, 3, 4]);
    expect(replies.map((reply) => reply.error?.data.code ?? reply.result)).toEqual([
      'slow',
      'UNKNOWN_KEY',
      'MALFORMED_REQUEST',
      'fast',
    ]);
  });

  it('answers pipelined HTTP requests in their order', async () => {
    const { path } = await servers.start({
      route: async (call) => {
        await new Promise((resolve) => setTimeout(resolve, call.method === 'slow' ? 20 : 0));
        return call.method;
      },
    });
    const client = await rawClient(path);
    const post = (body: string, close = ''): string =>
      `POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${close}content-length: ${String(body.length)}\r\n\r\n${body}`;
    client.socket.write(post(request(1, 'slow')) + post(request(2, 'fast'), 'connection: close\r\n'));
    const text = await client.received;
    expect(text.indexOf('"id":1')).toBeGreaterThan(0);
    expect(text.indexOf('"id":2')).toBeGreaterThan(text.indexOf('"id":1'));
  });

  it.each([
    ['a page that is not there', 'GET /nope HTTP/1.1\r\nhost: x\r\n\r\n', / 404 /],
    ['what is not HTTP', '\0\x01\r\n\r\n', /$/],
    ['an upgrade', UPGRADE, / 101 /],
    ['an upgrade to another path', UPGRADE.replace('/', '/x'), / 404 /],
  ])('gives the answers it owes before %s in the same packet', async (_what, behind, last) => {
    const page = async (): Promise<{ status: number; contentType: string; body: string }> => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      return { status: 200, contentType: 'text/plain', body: 'a page' };
    };
    const { path } = await servers.start({ pages: new Map([['/page', page]]) });
    const body = request(1, 'm', { is: 'answered' });
    const post = `POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${String(body.length)}\r\n\r\n${body}`;
    const client = await rawClient(path);
    client.socket.write(`${post}GET /page HTTP/1.1\r\nhost: x\r\n\r\n${behind}`);
    let text = '';
    client.socket.on('data', (chunk) => (text += chunk.toString('latin1')));
    await until(() => client.socket.closed || text.includes(' 101 '));
    client.socket.destroy();
    const answered = text.indexOf('"is":"answered"');
    const page200 = text.indexOf('a page');
    expect(answered).toBeGreaterThan(0);
    expect(page200).toBeGreaterThan(answered);
    expect(text.slice(page200)).toMatch(last);
    expect(text.slice(0, page200)).not.toMatch(/ (?:101|400|404) /);
  });

  it('answers INTERNAL for an unexpected failure, leaks nothing, and reports the cause', async () => {
    const secret = new Error('password hunter2 at /srv/secret');
    const { path, events, calls } = await servers.start({ route: () => Promise.reject(secret) });
    const reply = await rpc(path, 'x');
    expect(reply.error?.data.code).toBe('INTERNAL');
    expect(JSON.stringify(reply)).not.toMatch(/hunter2|srv|stack/);
    expect(reply.error?.data.request).toBe(calls[0]!.requestId);
    expect(events).toContainEqual(
      expect.objectContaining({ kind: 'failed', error: secret, request: calls[0]!.requestId }),
    );
  });

  it('answers INTERNAL when a result cannot be written as JSON', async () => {
    const { path } = await servers.start({ route: () => Promise.resolve({ amount: 1n }) });
    expect((await rpc(path, 'x')).error?.data.code).toBe('INTERNAL');
  });

  it('passes on a refusal with its failures and hint', async () => {
    const failures = [{ code: 'SPEND_LIMIT_EXCEEDED' as const, message: 'too much', limit: '5', spent: '4' }];
    const error = new ChanceryError('SPEND_LIMIT_EXCEEDED', 'too much', { failures, hint: 'wait' });
    const { path } = await servers.start({ route: () => Promise.reject(error) });
    const reply = await rpc(path, 'x');
    expect(reply.error?.code).toBe(1402);
    expect(reply.error?.data).toMatchObject({ code: 'SPEND_LIMIT_EXCEEDED', failures, hint: 'wait' });
  });

  it('sends notifications on a WebSocket and not on HTTP', async () => {
    const sent: boolean[] = [];
    const { path } = await servers.start({
      route: (call) => {
        sent.push(call.connection.notify('event', { n: 1 }));
        return Promise.resolve(null);
      },
    });
    await rpc(path, 'x');
    const client = await websocket(path);
    client.send(request(1));
    expect(JSON.parse(await client.next())).toEqual({ jsonrpc: '2.0', method: 'event', params: { n: 1 } });
    expect(sent).toEqual([false, true]);
  });

  it('aborts the signal of a connection when its client goes away, and closes the peer', async () => {
    const waiting = gate();
    const { path, calls, peers } = await servers.start({ route: () => waiting.opened });
    const client = await websocket(path);
    client.send(request(1));
    await until(() => calls.length === 1);
    expect(calls[0]!.connection.signal.aborted).toBe(false);
    client.raw.terminate();
    await until(() => calls[0]!.connection.signal.aborted);
    expect(peers[0]!.closed).toBe(true);
    waiting.open();
  });
});

describe('pages', () => {
  it('serves GET pages and nothing else', async () => {
    const page = { status: 200, contentType: 'text/plain', body: 'ok' };
    const { path } = await servers.start({ pages: new Map([['/healthz', () => Promise.resolve(page)]]) });
    expect(await http(path, undefined, { method: 'GET', url: '/healthz' })).toMatchObject({
      status: 200,
      body: 'ok',
    });
    expect((await http(path, undefined, { method: 'GET', url: '/metrics' })).status).toBe(404);
    expect((await http(path, undefined, { method: 'GET', url: '/' })).status).toBe(404);
  });
});

describe('the socket file', () => {
  it('has exactly the permissions asked for, whatever the umask', async () => {
    const before = process.umask(0);
    try {
      const { path, directory } = await servers.start({ mode: 0o640 });
      expect(statSync(path).mode & 0o777).toBe(0o640);
      expect(readdirSync(directory)).toEqual(['s.sock']);
    } finally {
      process.umask(before);
    }
  });

  it('replaces the file of a dead daemon', async () => {
    const { directory } = await servers.start();
    const path = join(directory, 'dead.sock');
    const dead = createServer().listen(path);
    await until(() => existsSync(path));
    // Closing through a renamed path leaves the file behind, as a crash would.
    const { renameSync } = await import('node:fs');
    renameSync(path, `${path}.kept`);
    await new Promise((resolve) => dead.close(resolve));
    renameSync(`${path}.kept`, path);
    const { path: served } = await servers.start({ path });
    expect((await rpc(served, 'echo', { alive: true })).result).toEqual({ alive: true });
  });

  it('refuses a live socket with SOCKET_IN_USE and leaves it working', async () => {
    const { path } = await servers.start();
    await expect(servers.start({ path })).rejects.toMatchObject({ code: 'SOCKET_IN_USE' });
    expect((await rpc(path, 'echo', {})).result).toEqual({});
  });

  it('refuses to replace a file that is not a socket', async () => {
    const { directory } = await servers.start();
    const path = join(directory, 'file');
    writeFileSync(path, 'precious');
    await expect(servers.start({ path })).rejects.toMatchObject({ code: 'SOCKET_IN_USE' });
    expect(statSync(path).size).toBe(8);
  });

  it('refuses paths the kernel would cut, with PATH_TOO_LONG', async () => {
    const { directory } = await servers.start();
    const path = join(directory, 'x'.repeat(108 - directory.length - 1));
    expect(Buffer.byteLength(path)).toBe(108);
    await expect(servers.start({ path })).rejects.toMatchObject({ code: 'PATH_TOO_LONG' });
    // It fits, and the private directory in which it is made does not: told of is the path that was configured.
    const short = `/tmp/${'x'.repeat(93)}/sock`;
    await expect(servers.start({ path: short })).rejects.toMatchObject({
      code: 'PATH_TOO_LONG',
      message: `the socket path ${short} needs 108 bytes, a Unix socket has room for 107`,
    });
    const longest = path.slice(0, 107);
    expect((await rpc((await servers.start({ path: longest })).path, 'echo', {})).result).toEqual({});
  });

  it('says FILE_UNREADABLE when the directory is missing', async () => {
    await expect(servers.start({ path: '/tmp/chancery-absent/s.sock' })).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
    });
  });

  it('removes its file when it closes, but not the one of a daemon that replaced it', async () => {
    const first = await servers.start();
    await first.server.close(0);
    expect(existsSync(first.path)).toBe(false);

    const old = await servers.start();
    rmSync(old.path);
    const { path } = await servers.start({ path: old.path });
    await old.server.close(0);
    expect((await rpc(path, 'echo', { mine: true })).result).toEqual({ mine: true });
  });
});

describe('admission', () => {
  it('tells a caller that is not admitted why, and never routes', async () => {
    const error = new ChanceryError('WORKLOAD_UNKNOWN', 'nobody knows you', { hint: 'ask' });
    const { path, calls, events } = await servers.start({
      admit: () => {
        throw error;
      },
    });
    const reply = await http(path, request(1));
    expect(reply.status).toBe(403);
    expect((JSON.parse(reply.body) as RpcReply).error?.data.code).toBe('WORKLOAD_UNKNOWN');
    await expect(websocket(path)).rejects.toThrow('403');
    expect(calls).toHaveLength(0);
    expect(events).toContainEqual({ kind: 'refused', uid: null, error });
  });

  it('bounds connections in all and per uid, and frees the place of one that closes', async () => {
    let uid = 1;
    const { path, server } = await servers.start({
      admit: () => fakePeer(uid),
      limits: { maxConnections: 3, maxConnectionsPerUid: 2 },
    });
    const first = await websocket(path);
    await websocket(path);
    await expect(websocket(path)).rejects.toThrow('503');
    uid = 2;
    await websocket(path);
    uid = 3;
    const refused = await http(path, request(1));
    expect(refused.status).toBe(503);
    expect((JSON.parse(refused.body) as RpcReply).error?.data.code).toBe('OVERLOADED');
    expect(server.connections).toBe(3);
    first.raw.close();
    await until(() => server.connections === 2);
    expect((await http(path, request(1))).status).toBe(200);
  });

  it('bounds requests in flight per uid and in all with OVERLOADED and a hint', async () => {
    const waiting = gate();
    let uid = 1;
    const { path, server } = await servers.start({
      admit: () => fakePeer(uid),
      limits: { maxInFlight: 3, maxInFlightPerUid: 2 },
      route: () => waiting.opened,
    });
    const one = await websocket(path);
    one.send(request(1));
    one.send(request(2));
    const refused = await one.call('x', {}, 3);
    expect(refused.error?.data).toMatchObject({
      code: 'OVERLOADED',
      hint: 'wait for answers before sending more',
    });
    uid = 2;
    const two = await websocket(path);
    two.send(request(1));
    await until(() => server.inFlight === 3);
    expect((await two.call('x', {}, 9)).error?.data.code).toBe('OVERLOADED');
    waiting.open();
    await until(() => server.inFlight === 0);
    expect((await two.call('x', {}, 10)).id).toBeDefined();
  });
});

describe('signTransactions', () => {
  const many = (count: number) => ({ key: 'k', transactions: Array.from({ length: count }, () => 'AA==') });

  it('takes as much of what may be in flight as it has transactions', async () => {
    const waiting = gate();
    const { path, server } = await servers.start({
      limits: { maxInFlightPerUid: 8, maxInFlightPerConnection: 8 },
      route: () => waiting.opened,
    });
    const one = await websocket(path);
    one.send(request(1, 'signTransactions', many(6)));
    await until(() => server.inFlight === 6);
    const two = await websocket(path);
    const refused = await two.call('signTransactions', many(3));
    expect(refused.error).toMatchObject({
      message: 'uid 1000 has 6 requests in flight; 3 more would pass the 8 it may have',
      data: { code: 'OVERLOADED' },
    });
    two.send(request(2, 'signTransactions', many(2)));
    await until(() => server.inFlight === 8);
    waiting.open();
    await until(() => server.inFlight === 0);
  });

  it('weighs what its params are not as one', async () => {
    const { path } = await servers.start({ limits: { maxInFlightPerUid: 1 } });
    for (const params of [null, [], { transactions: 'x' }, { transactions: [] }, { transactions: {} }]) {
      const reply = await http(path, request(1, 'signTransactions', params));
      expect(reply.status).toBe(200);
      expect(reply.body).not.toContain('OVERLOADED');
    }
  });
});

describe('backpressure', () => {
  it('reads no further than a connection has room, loses nothing, and serves others meanwhile', async () => {
    const waiting = gate();
    const { path, server, calls } = await servers.start({
      limits: { maxInFlightPerConnection: 4 },
      route: async (call) => {
        if (call.method === 'wait') await waiting.opened;
        return call.method;
      },
    });
    const client = await websocket(path);
    for (let id = 0; id < 200; id++) client.send(request(id, 'wait'));
    await until(() => server.inFlight === 4);
    expect((await rpc(path, 'other')).result).toBe('other');
    expect(calls.filter((call) => call.method === 'wait')).toHaveLength(4);
    waiting.open();
    const ids = new Set<unknown>();
    for (let id = 0; id < 200; id++) ids.add((JSON.parse(await client.next()) as RpcReply).id);
    expect(ids.size).toBe(200);
  });

  it('cuts off a WebSocket client that does not read', async () => {
    const big = 'x'.repeat(64 * 1024);
    const { path, events, server } = await servers.start({
      limits: { maxUnreadBytes: 256 * 1024 },
      route: () => Promise.resolve(big),
    });
    const client = await websocket(path);
    client.raw.pause();
    for (let id = 0; id < 64; id++) client.send(request(id));
    await until(() => server.connections === 0);
    expect(events).toContainEqual(expect.objectContaining({ kind: 'cut', reason: 'unread' }));
  });
});

describe('closing', () => {
  it('finishes what is in flight, refuses what is new, then closes', async () => {
    const waiting = gate();
    const { path, server, calls } = await servers.start({
      route: async () => {
        await waiting.opened;
        return 'finished';
      },
    });
    const client = await websocket(path);
    client.send(request(1));
    await until(() => calls.length === 1);
    const closing = server.close(10_000);
    expect(existsSync(path)).toBe(false);
    expect((await client.call('late', {}, 2)).error?.data).toMatchObject({ code: 'OVERLOADED' });
    waiting.open();
    expect(JSON.parse(await client.next())).toMatchObject({ id: 1, result: 'finished' });
    await closing;
    expect(await client.closed).toBe(1001);
    expect(server.connections).toBe(0);
  });

  it('cuts what does not finish in time', async () => {
    const waiting = gate();
    const { path, server, calls, events } = await servers.start({ route: () => waiting.opened });
    const reply = rpc(path, 'x').catch((error: unknown) => error);
    await until(() => calls.length === 1);
    await server.close(10);
    expect(await reply).toBeInstanceOf(Error);
    expect(events).toContainEqual(expect.objectContaining({ kind: 'cut', reason: 'drained' }));
    waiting.open();
  });
});

describe('directories', () => {
  it('works where the directory lets only its owner in', async () => {
    const { directory } = await servers.start();
    const inner = join(directory, 'run');
    mkdirSync(inner);
    chmodSync(inner, 0o700);
    expect((await rpc((await servers.start({ path: join(inner, 's') })).path, 'echo', {})).result).toEqual(
      {},
    );
  });
});
