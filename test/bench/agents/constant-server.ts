import { createServer } from 'node:http';
import { join } from 'node:path';
import { WebSocketServer } from 'ws';
import { admitPeer } from '../../../src/identity/peer.js';
import { dispatcher } from '../../../src/protocol/dispatch.js';
import { SIGNER_METHODS } from '../../../src/protocol/signer-methods.js';
import { DEFAULT_LIMITS } from '../../../src/transport/limits.js';
import { listen } from '../../../src/transport/server.js';

/**
 * What the transport alone costs: real admission, schemas and answers, and a route that does nothing but return a
 * result of the right size. Beside it a bare `ws` that answers the same text to everything.
 */

const [, , directory = ''] = process.argv;

const result = {
  signature: 'S'.repeat(88),
  transaction: Buffer.alloc(300, 7).toString('base64'),
  entry: { sequence: '123456', hash: 'a'.repeat(64) },
  limits: [{ asset: 'SOL', window: '1h', max: '2000000000', spent: '1000', remaining: '1999999000' }],
  request: '0123456789abcdef',
};

const route = dispatcher<typeof SIGNER_METHODS, null>(SIGNER_METHODS, {
  signTransaction: () => result,
  signTransactions: ({ transactions }) => transactions.map(() => ({ result })),
});
await listen({
  path: join(directory, 'ours'),
  mode: 0o600,
  limits: DEFAULT_LIMITS,
  admit: (fd) => admitPeer(fd),
  route: ({ method, params, connection }) =>
    route({ method, params, transport: connection.kind, context: null }),
  observe: () => undefined,
});

const bare = createServer();
const answer = JSON.stringify({ jsonrpc: '2.0', id: 1, result });
new WebSocketServer({ server: bare, perMessageDeflate: false }).on('connection', (socket) => {
  socket.on('message', () => {
    socket.send(answer);
  });
});
await new Promise<void>((resolve) => bare.listen(join(directory, 'bare'), resolve));
process.send?.('ready');
