import { afterEach, describe, expect, it } from 'vitest';
import { ChanceryError } from '../../../src/core/errors.js';
import type { TransportLimits } from '../../../src/transport/limits.js';
import { fakePeer, http, rawClient, rpc, testServers, until, websocket } from '../../support/transport.js';

const servers = testServers();
afterEach(() => servers.close());

/** So slow that nothing held is let go within a test. */
const NEVER = 0.1;

/** A daemon that refuses `bad`; connections come from the uid that `as` names. */
async function refusing(limits: Partial<TransportLimits>) {
  let uid = 1;
  const running = await servers.start({
    limits,
    admit: () => fakePeer(uid),
    route: async (call) => {
      if (call.method === 'signTransactions') {
        await new Promise((resolve) => setTimeout(resolve, 20));
        call.refused(9);
      }
      if (call.method === 'many' || call.method === 'costly') call.refused(5);
      if (call.method === 'bad' || call.method === 'costly') {
        throw new ChanceryError('UNKNOWN_KEY', 'no such key');
      }
      return call.method;
    },
  });
  return {
    ...running,
    as: (other: number) => {
      uid = other;
    },
    callsOf: (of: number) => running.calls.filter((call) => call.peer.uid === of).length,
  };
}

const request = (id: number, method: string): string => JSON.stringify({ jsonrpc: '2.0', id, method });
const post = (body: string): string =>
  `POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${String(body.length)}\r\n\r\n${body}`;

describe('a caller that is refused too fast', () => {
  it('is not read on a WebSocket, while others are, also on its own good requests', async () => {
    const { path, as, callsOf } = await refusing({ refusalsPerSecond: NEVER, refusalsAtOnce: 2 });
    const loop = await websocket(path);
    for (let index = 0; index < 3; index++) {
      expect((await loop.call('bad')).error?.data.code).toBe('UNKNOWN_KEY');
    }
    for (let index = 0; index < 20; index++) loop.send(request(index, 'good'));
    as(2);
    const other = await websocket(path);
    for (let index = 0; index < 50; index++) expect((await other.call('good')).result).toBe('good');
    expect(callsOf(1)).toBe(3);
    expect(callsOf(2)).toBe(50);
  });

  it('is read again when it is time, and loses nothing', async () => {
    const { path, callsOf } = await refusing({ refusalsPerSecond: 100, refusalsAtOnce: 1 });
    const client = await websocket(path);
    for (let index = 0; index < 10; index++) client.send(request(index, index % 2 === 0 ? 'bad' : 'good'));
    const answers = [];
    for (let index = 0; index < 10; index++) answers.push(await client.next());
    expect(answers.filter((text) => text.includes('"result":"good"'))).toHaveLength(5);
    for (let index = 0; index < 5; index++) expect((await client.call('bad')).error).toBeDefined();
    expect(callsOf(1)).toBe(15);
  });

  it('counts what a result refuses, what is no request, and long ones for more', async () => {
    for (const spend of [
      request(1, 'many'),
      request(1, 'costly'),
      `[${[1, 2, 3, 4, 5].map((id) => request(id, 'bad')).join(',')}]`,
      `{${' '.repeat(20_000)}}`,
    ]) {
      const { path, callsOf } = await refusing({ refusalsPerSecond: NEVER, refusalsAtOnce: 4 });
      const client = await websocket(path);
      client.send(spend);
      await client.next();
      const before = callsOf(1);
      client.send(request(9, 'good'));
      // Were it read, it would be answered before this one is.
      expect((await rpc(path, 'good')).result).toBe('good');
      expect(callsOf(1)).toBe(before + 1);
    }
  });

  it('is not read for pongs that nobody asked for, nor for pings', async () => {
    for (const send of ['ping', 'pong'] as const) {
      const { path, as, callsOf } = await refusing({ refusalsPerSecond: NEVER, refusalsAtOnce: 2 });
      const loop = await websocket(path);
      // One by one: a burst of pings is cut off as such.
      for (let frame = 0; frame < 3 * 16; frame++) {
        loop.raw[send]();
        if (frame % 16 === 15) await new Promise((resolve) => setTimeout(resolve, 5));
      }
      loop.send(request(1, 'good'));
      as(2);
      expect((await rpc(path, 'good')).result).toBe('good');
      expect(callsOf(1)).toBe(0);
    }
  });

  it('has only so many begun of what is no request, however many one read brings', async () => {
    const { path, as } = await refusing({ refusalsPerSecond: NEVER, refusalsAtOnce: 2 });
    const loop = await websocket(path);
    let answers = 0;
    loop.raw.on('message', () => (answers += 1));
    for (let index = 0; index < 1000; index++) loop.send('');
    as(2);
    const other = await websocket(path);
    for (let index = 0; index < 50; index++) expect((await other.call('good')).result).toBe('good');
    expect(answers).toBeGreaterThan(0);
    expect(answers).toBeLessThanOrEqual(128);
  });

  it('begins one large batch after the other, on however many connections', async () => {
    const { path, as, callsOf } = await refusing({ refusalsPerSecond: NEVER, refusalsAtOnce: 4 });
    const batch = `[${Array.from({ length: 9 }, (_, id) => request(id, 'bad')).join(',')}]`;
    const clients = await Promise.all(Array.from({ length: 8 }, () => websocket(path)));
    for (const client of clients) client.send(batch);
    const posts = Array.from({ length: 8 }, () => http(path, batch));
    await until(() => callsOf(1) > 0);
    as(2);
    for (let index = 0; index < 50; index++) expect((await rpc(path, 'good')).result).toBe('good');
    expect(callsOf(1)).toBe(9);
    // In seconds, the longest wait there is, come the next: one of them.
    await until(() => callsOf(1) > 9);
    for (let index = 0; index < 50; index++) expect((await rpc(path, 'good')).result).toBe('good');
    expect(callsOf(1)).toBe(18);
    await servers.close();
    await Promise.all(posts);
  });

  it('has none begun of what it left behind on connections that it gave up', async () => {
    const { path, calls, events } = await refusing({ refusalsPerSecond: 10, refusalsAtOnce: 4 });
    const batch = (method: string): string =>
      `[${Array.from({ length: 9 }, (_, id) => request(id, method)).join(',')}]`;
    const called = (method: string): number => calls.filter((call) => call.method === method).length;
    const posted = http(path, batch('bad'));
    await until(() => called('bad') === 9);
    const { socket } = await rawClient(path);
    // An answer that nobody read makes the end of the connection known at once.
    socket.pause();
    socket.write(post(request(1, 'good')) + post(batch('left')));
    await until(() => called('good') === 1);
    socket.destroy();
    await until(() => events.some(({ kind }) => kind === 'closed'));
    await http(path, batch('bad'));
    // The first of these is begun when those could be.
    for (let index = 0; index < 10; index++) expect((await http(path, batch('later'))).status).toBe(200);
    expect(called('later')).toBe(90);
    expect(called('left')).toBe(0);
    await posted;
  });

  it('begins one signTransactions after the other when it asks for many, on however many connections', async () => {
    const { path, calls } = await refusing({ refusalsPerSecond: NEVER, refusalsAtOnce: 4 });
    const params = { transactions: Array(9).fill('') };
    const many = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'signTransactions', params });
    const clients = await Promise.all(Array.from({ length: 8 }, () => websocket(path)));
    for (const client of clients) client.send(many);
    const posts = Array.from({ length: 8 }, () => http(path, many));
    await until(() => calls.length > 0);
    for (let index = 0; index < 50; index++) expect((await rpc(path, 'good')).result).toBe('good');
    expect(calls.filter(({ method }) => method === 'signTransactions')).toHaveLength(1);
    await servers.close();
    await Promise.all(posts);
  });

  it('gets its HTTP answer late, and is given up when it has more behind it', async () => {
    const { path, as, callsOf } = await refusing({ refusalsPerSecond: 4, refusalsAtOnce: 1 });
    const { socket, received } = await rawClient(path);
    socket.write(post(request(1, 'bad')) + post(request(2, 'bad')) + post(request(3, 'bad')));
    await until(() => callsOf(1) === 3);
    as(2);
    expect((await rpc(path, 'good')).result).toBe('good');
    const text = await received;
    expect(text.match(/"id":\d/g)).toEqual(['"id":1', '"id":2', '"id":3']);
  });
});

describe('an HTTP answer that is held', () => {
  const held = async () => {
    const running = await refusing({ refusalsPerSecond: 4, refusalsAtOnce: 1 });
    const client = await rawClient(running.path);
    client.socket.write(post(request(1, 'bad')) + post(request(2, 'bad')));
    await until(() => running.callsOf(1) === 2);
    return { ...running, ...client };
  };

  it.each([
    ['a request below JSON-RPC', 'POST /elsewhere HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n', 3],
    ['bytes that are no HTTP', '\0\0\0\0', 2],
  ])('goes before what is said of %s behind it', async (_what, bytes, answers) => {
    const { socket, received } = await held();
    socket.write(bytes);
    const text = await received;
    expect(text.match(/"id":(\d|null)/g)?.slice(0, 2)).toEqual(['"id":1', '"id":2']);
    expect(text.match(/HTTP\/1\.1 \d/g)).toHaveLength(answers);
  });

  it('goes out when the daemon stops', async () => {
    const running = await refusing({ refusalsPerSecond: NEVER, refusalsAtOnce: 1 });
    const { socket, received } = await rawClient(running.path);
    socket.write(post(request(1, 'bad')) + post(request(2, 'bad')));
    await until(() => running.callsOf(1) === 2);
    await servers.close();
    expect((await received).match(/"id":\d/g)).toEqual(['"id":1', '"id":2']);
  });
});

describe('a caller that connects too fast', () => {
  it('is not read on the connections above its pace, while others are', async () => {
    const { path, as, callsOf, server } = await refusing({
      connectionsPerSecond: NEVER,
      connectionsAtOnce: 2,
    });
    for (let index = 0; index < 2; index++) expect((await rpc(path, 'good')).result).toBe('good');
    const held = await rawClient(path);
    held.socket.write(post(request(3, 'good')));
    const reset = await rawClient(path);
    reset.socket.write(post(request(4, 'good')));
    reset.socket.destroy();
    as(2);
    expect((await rpc(path, 'good')).result).toBe('good');
    expect(callsOf(1)).toBe(2);
    expect(server.connections).toBeGreaterThanOrEqual(1);
    await servers.close();
    expect(await held.received).toBe('');
  });

  it('is served on each of them when it is time', async () => {
    const { path, callsOf } = await refusing({ connectionsPerSecond: 50, connectionsAtOnce: 1 });
    const replies = await Promise.all([1, 2, 3, 4, 5, 6].map((id) => http(path, request(id, 'good'))));
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    expect(callsOf(1)).toBe(6);
  });
});
