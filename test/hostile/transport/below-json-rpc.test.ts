import { afterEach, describe, expect, it } from 'vitest';
import { rawClient, testServers, until, type RpcReply } from '../../support/transport.js';

const servers = testServers();
afterEach(() => servers.close());

const body = '{"jsonrpc":"2.0","id":1,"method":"echo","params":{"good":1}}';
const headers = `content-type: application/json\r\ncontent-length: ${String(body.length)}\r\n`;
const good = `POST / HTTP/1.1\r\nhost: x\r\n${headers}\r\n${body}`;

interface RawAnswer {
  readonly status: number;
  readonly body: RpcReply;
}

/** The answers that raw bytes of HTTP hold, each with a JSON body. */
function answers(bytes: string): RawAnswer[] {
  return bytes
    .split(/(?=HTTP\/1\.1 \d)/)
    .filter((text) => text !== '')
    .map((text) => ({
      status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]),
      body: JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4)) as RpcReply,
    }));
}

const shown = ({ status, body: { result, error } }: RawAnswer): unknown[] => [
  status,
  error?.data.code ?? result,
];

describe('what Node or ws would answer in words of their own', () => {
  it.each([
    ['a tunnel', 405, 'CONNECT x:1 HTTP/1.1\r\nhost: x\r\n\r\n'],
    [
      'an upgrade of a POST (curl --http2)',
      400,
      good.replace('host: x', 'host: x\r\nconnection: upgrade, http2-settings\r\nupgrade: h2c'),
    ],
    [
      'an upgrade without a key',
      400,
      'GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\r\n',
    ],
    [
      'an upgrade of an old version',
      400,
      'GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 7\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    ],
  ])('refuses %s with %i and a JSON-RPC error, behind what is owed', async (_case, status, bytes) => {
    const { path, server, calls } = await servers.start();
    const client = await rawClient(path);
    client.socket.write(`${good}${bytes}${good}`);
    const received = answers(await client.received);
    expect(received.map(shown)).toEqual([
      [200, { good: 1 }],
      [status, 'MALFORMED_REQUEST'],
    ]);
    expect(received[1]?.body.error?.data.hint).toBeTruthy();
    await until(() => server.connections === 0);
    expect(calls).toHaveLength(1);
  });

  it('answers all that is begun when one of the requests names no host', async () => {
    const { path, calls } = await servers.start();
    const client = await rawClient(path);
    const last = good.replace('host: x', 'host: x\r\nconnection: close');
    client.socket.write(`${good.replace('host: x\r\n', '')}${good}${last}`);
    expect(answers(await client.received).map(shown)).toEqual(Array(3).fill([200, { good: 1 }]));
    expect(calls).toHaveLength(3);
  });
});
