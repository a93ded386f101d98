import { afterEach, describe, expect, it } from 'vitest';
import {
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

const body = '{"jsonrpc":"2.0","id":1,"method":"echo"}';
const head = (extra = ''): string =>
  `POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${extra}`;
const codeOf = (text: string): string | undefined => (JSON.parse(text) as RpcReply).error?.data.code;
/** The JSON-RPC code in the body of a raw HTTP answer, with its status. */
const refusal = (text: string): [string | undefined, string | undefined] => [
  /^HTTP\/1\.1 (\d+)/.exec(text)?.[1],
  codeOf(text.slice(text.indexOf('\r\n\r\n') + 4)),
];

describe('HTTP', () => {
  it.each([
    ['no HTTP at all', '\x00\x01\x02\xff garbage\r\n\r\n'],
    ['a TLS hello', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['two lengths', `${head('content-length: 3\r\ncontent-length: 5\r\n')}\r\nabcde`],
    [
      'a length and chunks (request smuggling)',
      `${head('content-length: 3\r\ntransfer-encoding: chunked\r\n')}\r\n0\r\n\r\n`,
    ],
    ['a negative length', `${head('content-length: -1\r\n')}\r\n`],
    ['a length that is no number', `${head('content-length: 1e3\r\n')}\r\n`],
    ['a header name with a space', `${head('x y: 1\r\n')}\r\n`],
    ['bare line feeds in a folded header', `${head('x: 1\r\n folded\r\n')}content-length : 2\r\n\r\n{}`],
  ])('refuses %s with 400 and closes', async (_case, bytes) => {
    const { path, server, calls } = await servers.start();
    const client = await rawClient(path);
    client.socket.write(Buffer.from(bytes, 'latin1'));
    expect(refusal(await client.received)).toEqual(['400', 'MALFORMED_REQUEST']);
    await until(() => server.connections === 0);
    expect(calls).toHaveLength(0);
  });

  it('refuses headers above 8 KiB with 431', async () => {
    const { path } = await servers.start();
    const client = await rawClient(path);
    client.socket.write(head(`x: ${'y'.repeat(9000)}\r\n`));
    expect(refusal(await client.received)).toEqual(['431', 'MALFORMED_REQUEST']);
  });

  it('refuses 10 MB at the declared length, before reading them', async () => {
    const { path, calls } = await servers.start({ limits: { maxRequestBytes: 1000 } });
    const client = await rawClient(path);
    client.socket.write(`${head(`content-length: ${String(10 * 1024 * 1024)}\r\n`)}\r\n{`);
    expect(refusal(await client.received)).toEqual(['413', 'MALFORMED_REQUEST']);
    expect(calls).toHaveLength(0);
  });

  it.each([
    ['a body that is too long', `${head(`content-length: ${String(10 * 1024 * 1024)}\r\n`)}\r\n`, '413'],
    [
      'an upgrade to nowhere',
      'GET /x HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
      '404',
    ],
    ['what is no HTTP', '\0\0\0\0', '400'],
  ])('tells a client that goes on sending why %s was refused', async (_case, first, status) => {
    const { path } = await servers.start();
    const client = await rawClient(path);
    client.socket.write(first);
    const more = Buffer.alloc(64 * 1024, 'x');
    const pump = (): void => {
      while (client.socket.writable && client.socket.write(more));
    };
    client.socket.on('drain', pump);
    pump();
    expect(refusal(await client.received)).toEqual([status, 'MALFORMED_REQUEST']);
  });

  it.each([
    [
      'of a declared length',
      head(`content-length: ${String(4 * 1024 * 1024)}\r\n`),
      Buffer.alloc(4 * 1024 * 1024, 'x'),
    ],
    [
      'in chunks of a byte',
      head('x-forwarded-for: x\r\ntransfer-encoding: chunked\r\n'),
      Buffer.from('1\r\nx\r\n'.repeat(100_000)),
    ],
    [
      'that is more requests',
      head('via: x\r\ncontent-length: 0\r\n'),
      Buffer.from('GET / HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(20_000)),
    ],
  ])('reads to its end, and keeps nothing of, what follows a refusal %s', async (_case, first, rest) => {
    const { path } = await servers.start();
    const client = await rawClient(path);
    client.socket.write(`${first}\r\n`);
    const taken = new Promise((resolve) => client.socket.write(rest, resolve));
    expect(await taken).toBeFalsy();
    client.socket.end();
    expect(refusal(await client.received)[1]).toBe('MALFORMED_REQUEST');
  });

  it('refuses a chunked body as soon as it is too large, and stops reading', async () => {
    const { path, calls } = await servers.start({ limits: { maxRequestBytes: 100_000 } });
    const client = await rawClient(path);
    client.socket.write(`${head('transfer-encoding: chunked\r\n')}\r\n`);
    const chunk = `${(64 * 1024).toString(16)}\r\n${'x'.repeat(64 * 1024)}\r\n`;
    const pump = setInterval(() => {
      if (client.socket.writable) client.socket.write(chunk);
    }, 1);
    const text = await client.received;
    clearInterval(pump);
    expect(refusal(text)).toEqual(['413', 'MALFORMED_REQUEST']);
    expect(calls).toHaveLength(0);
  });

  it.each([
    ['Origin', 'http://evil.example'],
    ['Via', '1.1 proxy'],
    ['Forwarded', 'for=1.2.3.4'],
    ['X-Forwarded-For', '1.2.3.4'],
    ['X-FORWARDED-anything', '1'],
  ])('refuses the header %s, by POST, GET and WebSocket', async (name, value) => {
    const page = { status: 200, contentType: 'text/plain', body: 'ok' };
    const { path, calls } = await servers.start({
      pages: new Map([['/healthz', () => Promise.resolve(page)]]),
    });
    const headers = { [name]: value };
    const post = await http(path, body, { headers });
    expect([post.status, codeOf(post.body)]).toEqual([403, 'MALFORMED_REQUEST']);
    expect((await http(path, undefined, { method: 'GET', url: '/healthz', headers })).status).toBe(403);
    await expect(websocket(path, headers)).rejects.toThrow('403');
    expect(calls).toHaveLength(0);
  });

  it.each([
    ['another path', 404, { url: '/rpc' }],
    ['another path that looks like ours', 404, { url: '//' }],
    ['another method', 405, { method: 'PUT' }],
    ['a form', 415, { headers: { 'content-type': 'application/x-www-form-urlencoded' } }],
    ['text that says it is JSON-like', 415, { headers: { 'content-type': 'application/jsonp' } }],
    ['a compressed body', 415, { headers: { 'content-encoding': 'gzip' } }],
  ])('refuses %s with %i', async (_case, status, options) => {
    const { path, calls } = await servers.start();
    const reply = await http(path, body, options);
    expect([reply.status, codeOf(reply.body)]).toEqual([status, 'MALFORMED_REQUEST']);
    expect(calls).toHaveLength(0);
  });

  it('answers nothing that follows a refused request on its connection', async () => {
    const { path, calls } = await servers.start();
    const client = await rawClient(path);
    const next = `${head(`content-length: ${String(body.length)}\r\n`)}\r\n${body}`;
    client.socket.write(`${head(`origin: x\r\ncontent-length: 2\r\n`)}\r\n{}${next}${next}garbage`);
    const text = await client.received;
    expect(refusal(text)).toEqual(['403', 'MALFORMED_REQUEST']);
    expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(calls).toHaveLength(0);
  });

  it('refuses a body that is not UTF-8', async () => {
    const { path } = await servers.start();
    const reply = await http(path, Buffer.from('{"jsonrpc":"2.0","id":"\xff","method":"x"}', 'latin1'));
    expect([reply.status, codeOf(reply.body)]).toEqual([400, 'MALFORMED_REQUEST']);
  });

  it('answers 408 to a request that never ends, and serves others meanwhile', async () => {
    const { path, calls } = await servers.start({ limits: { headersTimeout: 300, requestTimeout: 600 } });
    const slowHeaders = await rawClient(path);
    slowHeaders.socket.write('POST / HTTP/1.1\r\nhost:');
    const slowBody = await rawClient(path);
    slowBody.socket.write(`${head('content-length: 100\r\n')}\r\n{`);
    expect((await rpc(path, 'echo')).result).toEqual({});
    expect(refusal(await slowHeaders.received)[0]).toBe('408');
    expect(refusal(await slowBody.received)[0]).toBe('408');
    expect(calls).toHaveLength(1);
  });

  it('closes a connection that says nothing', async () => {
    const { path, server } = await servers.start({ limits: { headersTimeout: 300, requestTimeout: 600 } });
    const silent = await rawClient(path);
    await silent.received;
    await until(() => server.connections === 0);
    expect(server.connections).toBe(0);
  });

  it('drops a request whose client went away in the middle', async () => {
    const { path, server, calls } = await servers.start();
    const client = await rawClient(path);
    client.socket.write(`${head('content-length: 100\r\n')}\r\n{"jsonrpc"`);
    await until(() => server.connections === 1);
    client.socket.destroy();
    await until(() => server.connections === 0);
    expect(calls).toHaveLength(0);
  });

  it('bounds pipelined requests and what waits for a client that does not read', async () => {
    const { path, server, calls } = await servers.start({
      limits: { idleTimeout: 200, requestTimeout: 200, headersTimeout: 200 },
      route: () => Promise.resolve('x'.repeat(32 * 1024)),
    });
    const client = await rawClient(path);
    client.socket.pause();
    const one = `${head(`content-length: ${String(body.length)}\r\n`)}\r\n${body}`;
    for (let count = 0; count < 2000; count++) client.socket.write(one);
    await until(() => server.connections === 0);
    // 64 KiB in a read of the socket, and Node stops reading once 16 KiB of answers wait.
    expect(calls.length).toBeLessThan(1000);
  });
});

describe('WebSocket', () => {
  const upgrade =
    'GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

  it.each([
    ['an unmasked frame', Buffer.from([0x81, 0x02, 0x7b, 0x7d]), 1002],
    ['a reserved bit', Buffer.from([0xc1, 0x80, 0, 0, 0, 0]), 1002],
    ['a reserved opcode', Buffer.from([0x83, 0x80, 0, 0, 0, 0]), 1002],
    ['a continuation of nothing', Buffer.from([0x80, 0x80, 0, 0, 0, 0]), 1002],
    ['text that is not UTF-8', Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0xff]), 1007],
    [
      'a length of 2^63',
      Buffer.from([0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]),
      1009,
    ],
    ['a length above the bound, before its bytes', Buffer.from([0x81, 0xfe, 0xff, 0xff, 0, 0, 0, 0]), 1009],
    ['a binary message', Buffer.from([0x82, 0x80, 0, 0, 0, 0]), 1003],
  ])('closes on %s', async (_case, frame, code) => {
    const { path, server, events, calls } = await servers.start({ limits: { maxRequestBytes: 1000 } });
    const client = await rawClient(path);
    client.socket.write(upgrade);
    await until(() => server.connections === 1);
    client.socket.write(frame);
    await until(() => events.some((event) => event.kind === 'cut'));
    client.socket.end();
    const bytes = Buffer.from(await client.received, 'latin1');
    const frameAt = bytes.indexOf('\r\n\r\n') + 4;
    expect(bytes[frameAt]).toBe(0x88);
    expect(bytes.readUInt16BE(frameAt + 2)).toBe(code);
    expect(calls).toHaveLength(0);
    await until(() => server.connections === 0);
  });

  it('tells a client at once that its message was too long, though it sends on', async () => {
    const { path, server } = await servers.start();
    const client = await websocket(path);
    client.send('x'.repeat(2_000_000));
    expect(await client.closed).toBe(1009);
    await until(() => server.connections === 0);
  });

  it('ends a connection that has closed, whatever follows the close frame', async () => {
    const { path, server } = await servers.start();
    const client = await rawClient(path);
    client.socket.write(upgrade);
    client.socket.end(Buffer.concat([Buffer.from([0x88, 0x80, 0, 0, 0, 0]), Buffer.alloc(200_000)]));
    await client.received;
    await until(() => server.connections === 0);
    expect(server.connections).toBe(0);
  });

  it('reads in their order messages that came with the upgrade, however many', async () => {
    const { path, calls } = await servers.start();
    const client = await rawClient(path);
    const messages = Array.from({ length: 200 }, (_, id) => {
      const text = Buffer.from(
        `{"jsonrpc":"2.0","id":${String(id)},"method":"echo${String(id)}"}`.padEnd(120),
      );
      return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), text]);
    });
    client.socket.write(Buffer.concat([Buffer.from(upgrade), ...messages]));
    await until(() => calls.length === messages.length);
    expect(calls.map(({ method }) => method)).toEqual(messages.map((_, id) => `echo${String(id)}`));
    client.socket.destroy();
  });

  it('refuses a message in more fragments than a request needs', async () => {
    const { path, events } = await servers.start();
    const client = await rawClient(path);
    client.socket.write(upgrade);
    const fragment = Buffer.from([0x00, 0x81, 0, 0, 0, 0, 0x20]);
    client.socket.write(Buffer.from([0x01, 0x81, 0, 0, 0, 0, 0x20]));
    for (let count = 0; count < 100; count++) client.socket.write(fragment);
    await until(() => events.some((event) => event.kind === 'cut'));
    client.socket.end();
    await client.received;
    expect(events.filter((event) => event.kind === 'cut')).toHaveLength(1);
  });

  it('cuts a client that stalls in the middle of a message, and one that answers no ping', async () => {
    const { path, server, events } = await servers.start({ limits: { heartbeat: 40 } });
    const half = await rawClient(path);
    half.socket.write(upgrade);
    half.socket.write(Buffer.from([0x81, 0x85, 0, 0, 0, 0, 0x7b]));
    const deaf = await rawClient(path);
    deaf.socket.write(upgrade);
    await until(() => server.connections === 0 && events.length > 0);
    expect(events.filter((event) => event.kind === 'cut')).toMatchObject([
      { reason: 'silent' },
      { reason: 'silent' },
    ]);
  });

  it('keeps a silent client that answers pings', async () => {
    const { path, server } = await servers.start({ limits: { heartbeat: 20 } });
    const client = await websocket(path);
    let pings = 0;
    client.raw.on('ping', () => pings++);
    await until(() => pings >= 5);
    expect((await client.call('echo', { still: 'here' })).result).toEqual({ still: 'here' });
    expect(server.connections).toBe(1);
  });

  it.each([
    ['another path', '/other', 404],
    ['another path with a query', '/?a=1', 404],
  ])('refuses an upgrade at %s', async (_case, url, status) => {
    const { path } = await servers.start();
    const client = await rawClient(path);
    client.socket.write(upgrade.replace('GET /', `GET ${url}`));
    expect(await client.received).toMatch(new RegExp(`^HTTP/1.1 ${String(status)} `));
  });

  it('refuses an upgrade to something else', async () => {
    const { path } = await servers.start();
    const client = await rawClient(path);
    client.socket.write(upgrade.replace('upgrade: websocket', 'upgrade: h2c'));
    expect(await client.received).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('answers garbage in a message with an error and goes on', async () => {
    const { path } = await servers.start();
    const client = await websocket(path);
    client.send('this is not JSON');
    expect(JSON.parse(await client.next())).toMatchObject({ id: null, error: { code: -32_700 } });
    expect((await client.call('echo', { on: 1 })).result).toEqual({ on: 1 });
  });
});
