import { randomBytes } from 'node:crypto';
import { decodeBase58 } from '../../src/core/base58.js';
import { serveLoop, type Recorder } from './loop.js';
import { RawWebSocket } from './raw-websocket.js';

/** Agents on WebSocket connections, each with one `signTransaction` in flight and new bytes every time. */

const [, , socketPath = '', key = '', address = '', destination = ''] = process.argv;

/** A legacy transaction with one transfer of one lamport and an empty signature; the blockhash is at its end. */
const template = wireTransfer(decodeBase58(address), decodeBase58(destination));
const BLOCKHASH_AT = 1 + 64 + 4 + 3 * 32;

function wireTransfer(from: Uint8Array | null, to: Uint8Array | null): Buffer {
  if (from === null || to === null) throw new Error('an address is not base58');
  const data = Buffer.alloc(12);
  data.writeUInt32LE(2, 0);
  data.writeBigUInt64LE(1n, 4);
  return Buffer.concat([
    Buffer.from([1]),
    Buffer.alloc(64),
    Buffer.from([1, 0, 1, 3]),
    from,
    to,
    Buffer.alloc(32),
    randomBytes(32),
    Buffer.from([1, 2, 2, 0, 1, data.length]),
    data,
  ]);
}

let made = 0;
function nextRequest(): string {
  made += 1;
  template.writeUInt32LE(made, BLOCKHASH_AT);
  return `{"jsonrpc":"2.0","id":${String(made)},"method":"signTransaction","params":{"key":${JSON.stringify(key)},"transaction":"${template.toString('base64')}"}}`;
}

interface Reply {
  readonly error?: { readonly message: string; readonly data?: { readonly code?: string } };
}

/** Where `"result"` or `"error"` stands: behind version and id. */
const REPLY_HEAD = 64;

function signUntilOver(socket: RawWebSocket, record: Recorder): Promise<void> {
  return new Promise((resolve, reject) => {
    let began = 0;
    const ask = (): void => {
      began = performance.now();
      socket.send(nextRequest());
    };
    socket.onMessage = (payload) => {
      if (payload.toString('latin1', 0, REPLY_HEAD).includes(',"result":')) record.add(began);
      else {
        const reply = JSON.parse(payload.toString()) as Reply;
        record.fail(reply.error?.data?.code ?? reply.error?.message ?? 'no result');
      }
      if (record.over()) resolve();
      else ask();
    };
    socket.onClose = () => {
      reject(new Error('the daemon closed a connection'));
    };
    ask();
  });
}

serveLoop(async ({ clients }, record) => {
  const sockets = await Promise.all(Array.from({ length: clients }, () => RawWebSocket.open(socketPath)));
  record.begin();
  await Promise.all(sockets.map((socket) => signUntilOver(socket, record)));
  for (const socket of sockets) {
    socket.onClose = () => undefined;
    socket.close();
  }
});
