import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { serveLoop, type Recorder } from '../loop.js';
import { RawWebSocket } from '../raw-websocket.js';
import { transfers } from './transactions.js';

/** An agent that misbehaves as hard as it can, in one way at a time. An operation is one connection or request. */

const [, , socketPath = '', key = '', address = '', destination = ''] = process.argv;

const HEAD = 'POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n';
const UPGRADE =
  'GET / HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n' +
  'sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
const garbage = randomBytes(64 * 1024);
const tenMegabytes = Buffer.alloc(10_000_000, 0x20);
const deep = Buffer.from(`{"jsonrpc":"2.0","id":1,"method":"listKeys","params":${'['.repeat(500_000)}`);
/** A text frame that says 400 kB, masked, and brings half of it. */
const halfFrame = Buffer.concat([
  Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 0x06, 0x1a, 0x80, 0, 0, 0, 0]),
  Buffer.alloc(200_000, 0x5b),
]);
/** More than a transaction may spend in a policy whose other limits are out of the way. */
const tooMuch = transfers(address, destination, 10_000_000_000_000n);

/** Sends bytes on a new connection and waits until the daemon ends it. */
function thrown(...pieces: readonly (string | Buffer)[]): Promise<void> {
  return new Promise((resolve) => {
    const socket = open(resolve);
    for (const piece of pieces) socket.write(piece);
  });
}

function open(closed: () => void): Socket {
  const socket = connect(socketPath);
  // Reset while it still sends: what a daemon does to such a client.
  socket.on('error', () => undefined);
  socket.on('close', closed);
  socket.resume();
  return socket;
}

/** Connections that are opened, given something, and then held as long as the daemon lets them. */
async function held(record: Recorder, count: number, give: (socket: Socket) => void): Promise<void> {
  const sockets = new Set<Socket>();
  const another = (): void => {
    if (record.over()) return;
    const socket = open(() => {
      sockets.delete(socket);
      setTimeout(another, 10);
    });
    sockets.add(socket);
    record.add(performance.now());
    give(socket);
  };
  for (let index = 0; index < count; index++) another();
  while (!record.over()) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  for (const socket of sockets) socket.destroy();
}

function byteByByte(socket: Socket): void {
  const text = `${HEAD}content-length: 100000\r\n\r\n`;
  let sent = 0;
  const timer = setInterval(() => {
    if (socket.destroyed) clearInterval(timer);
    else socket.write(text[sent++ % text.length] ?? ' ');
  }, 20);
  socket.on('close', () => {
    clearInterval(timer);
  });
}

/** As many requests in flight as a connection is read for, each refused by a limit. */
async function flood(record: Recorder): Promise<void> {
  const socket = await RawWebSocket.open(socketPath);
  const ask = (): void => {
    const params = { key, transaction: tooMuch() };
    socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'signTransaction', params }));
  };
  await new Promise<void>((resolve) => {
    socket.onMessage = (payload) => {
      const { error } = JSON.parse(payload.toString()) as { error?: { data: { code: string } } };
      record.add(performance.now());
      record.fail(error?.data.code ?? 'signed');
      if (record.over()) resolve();
      else ask();
    };
    socket.onClose = resolve;
    for (let index = 0; index < 128; index++) ask();
  });
  socket.close();
}

async function again(record: Recorder, throwOne: () => Promise<void>): Promise<void> {
  while (!record.over()) {
    await throwOne();
    record.add(performance.now());
  }
}

/** Nothing for the daemon: what a neighbour costs by its use of the processor alone. */
async function spin(record: Recorder): Promise<void> {
  while (!record.over()) {
    for (let until = performance.now() + 5; performance.now() < until;);
    await new Promise((resolve) => setImmediate(resolve));
  }
  record.add(performance.now());
}

const KINDS: Readonly<Record<string, (record: Recorder) => Promise<void>>> = {
  'processor only': spin,
  garbage: (record) => again(record, () => thrown(garbage)),
  '10 MB': (record) => again(record, () => thrown(`${HEAD}content-length: 10000000\r\n\r\n`, tenMegabytes)),
  'deep JSON': (record) =>
    again(record, () =>
      thrown(`${HEAD}connection: close\r\ncontent-length: ${String(deep.length)}\r\n\r\n`, deep),
    ),
  'half frames': (record) =>
    held(record, 16, (socket) => {
      socket.write(UPGRADE);
      socket.write(halfFrame);
    }),
  'slow bytes': (record) => held(record, 16, byteByByte),
  'over the limit': flood,
};

serveLoop(async ({ clients, mode }, record) => {
  const kind = KINDS[mode];
  if (kind === undefined) throw new Error(`no noise ${mode}`);
  await Promise.all(Array.from({ length: clients }, () => kind(record)));
});
