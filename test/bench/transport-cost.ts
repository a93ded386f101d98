/**
 * What the transport alone costs: a server whose route does nothing but return a signature-sized result, in a
 * process of its own, against the load generator here. Beside it a bare `ws` echo, for what our layers add.
 *
 *   node dist-bench/test/bench/transport-cost.js [--json]
 */
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, createServer, request } from 'node:http';
import { cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { WebSocket, WebSocketServer } from 'ws';
import { admitPeer } from '../../src/identity/peer.js';
import { dispatcher } from '../../src/protocol/dispatch.js';
import { SIGNER_METHODS } from '../../src/protocol/signer-methods.js';
import { DEFAULT_LIMITS } from '../../src/transport/limits.js';
import { listen } from '../../src/transport/server.js';

const WARM_UP_MS = 2000;
const MEASURE_MS = 4000;

type Kind = 'bare-ws' | 'websocket' | 'websocket-batch-8' | 'http';
const KINDS: readonly Kind[] = ['bare-ws', 'websocket', 'websocket-batch-8', 'http'];
const CLIENTS = [1, 16, 64] as const;

interface Row {
  readonly kind: Kind;
  readonly clients: number;
  readonly requestsPerSecond: number;
  readonly serverMicrosPerRequest: number;
  readonly generatorMicrosPerRequest: number;
  readonly p50Micros: number;
  readonly p99Micros: number;
}

const transaction = Buffer.alloc(300, 7).toString('base64');
const one = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'signTransaction',
  params: { key: 'trading-1', transaction },
});
const result = {
  signature: 'S'.repeat(88),
  transaction,
  entry: { sequence: '123456', hash: 'a'.repeat(64) },
  limits: [{ asset: 'SOL', window: '1h', max: '2000000000', spent: '1000', remaining: '1999999000' }],
  request: '0123456789abcdef',
};

const bodies: Readonly<Record<Kind, { readonly text: string; readonly requests: number }>> = {
  'bare-ws': { text: one, requests: 1 },
  websocket: { text: one, requests: 1 },
  'websocket-batch-8': { text: `[${Array<string>(8).fill(one).join(',')}]`, requests: 8 },
  http: { text: one, requests: 1 },
};

async function serve(directory: string): Promise<void> {
  const route = dispatcher<typeof SIGNER_METHODS, null>(SIGNER_METHODS, { signTransaction: () => result });
  await listen({
    path: join(directory, 'ours'),
    mode: 0o600,
    limits: DEFAULT_LIMITS,
    admit: (fd) => admitPeer(fd),
    route: (call) => {
      const { method, params, connection } = call;
      return route({ method, params, transport: connection.kind, context: null });
    },
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
  process.on('message', () => process.send?.(process.cpuUsage()));
  process.send?.('ready');
}

/** One request at a time; `latencies` takes the time of each answer, ms. */
interface Client {
  run(stop: () => boolean, latencies: number[]): Promise<void>;
  close(): void;
}

async function webSocketClient(path: string, text: string): Promise<Client> {
  const socket = new WebSocket(`ws+unix://${path}:/`, { perMessageDeflate: false });
  await new Promise((resolve) => socket.once('open', resolve));
  const run = (stop: () => boolean, latencies: number[]): Promise<void> =>
    new Promise((resolve) => {
      let sent = 0;
      const send = (): void => {
        sent = performance.now();
        socket.send(text);
      };
      socket.on('message', () => {
        latencies.push(performance.now() - sent);
        if (!stop()) {
          send();
          return;
        }
        socket.removeAllListeners('message');
        resolve();
      });
      send();
    });
  return {
    run,
    close: () => {
      socket.terminate();
    },
  };
}

function httpClient(path: string, text: string): Promise<Client> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
  const post = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const outgoing = request({ socketPath: path, method: 'POST', agent, headers }, (incoming) => {
        incoming.on('end', resolve);
        incoming.resume();
      });
      outgoing.on('error', reject);
      outgoing.end(text);
    });
  const run = async (stop: () => boolean, latencies: number[]): Promise<void> => {
    while (!stop()) {
      const sent = performance.now();
      await post();
      latencies.push(performance.now() - sent);
    }
  };
  return Promise.resolve({
    run,
    close: () => {
      agent.destroy();
    },
  });
}

function usage(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.once('message', (value: NodeJS.CpuUsage) => {
      resolve(value.user + value.system);
    });
    child.send('usage');
  });
}

async function measure(child: ChildProcess, directory: string, kind: Kind, count: number): Promise<Row> {
  const path = join(directory, kind === 'bare-ws' ? 'bare' : 'ours');
  const { text, requests } = bodies[kind];
  const clients = await Promise.all(
    Array.from({ length: count }, () =>
      kind === 'http' ? httpClient(path, text) : webSocketClient(path, text),
    ),
  );
  const run = async (ms: number): Promise<number[]> => {
    const latencies: number[] = [];
    const end = performance.now() + ms;
    await Promise.all(clients.map((client) => client.run(() => performance.now() >= end, latencies)));
    return latencies;
  };
  await run(WARM_UP_MS);
  const [server, own, start] = [await usage(child), process.cpuUsage(), performance.now()];
  const latencies = (await run(MEASURE_MS)).sort((left, right) => left - right);
  const seconds = (performance.now() - start) / 1000;
  const spent = process.cpuUsage(own);
  for (const client of clients) client.close();
  const total = latencies.length * requests;
  const at = (share: number): number =>
    Math.round((latencies[Math.floor(latencies.length * share)] ?? 0) * 1000);
  return {
    kind,
    clients: count,
    requestsPerSecond: Math.round(total / seconds),
    serverMicrosPerRequest: round(((await usage(child)) - server) / total),
    generatorMicrosPerRequest: round((spent.user + spent.system) / total),
    p50Micros: at(0.5),
    p99Micros: at(0.99),
  };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

async function main(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'chancery-transport-cost-'));
  const child = fork(fileURLToPath(import.meta.url), ['serve', directory]);
  await new Promise((resolve) => child.once('message', resolve));
  const rows: Row[] = [];
  try {
    for (const clients of CLIENTS) {
      for (const kind of KINDS) rows.push(await measure(child, directory, kind, clients));
    }
  } finally {
    child.kill();
    rmSync(directory, { recursive: true, force: true });
  }
  const machine = `${String(cpus().length)} x ${cpus()[0]?.model ?? '?'}, Linux ${release()}, Node ${process.version}`;
  if (process.argv.includes('--json')) console.log(JSON.stringify({ machine, rows }));
  else {
    console.log(machine);
    console.table(rows);
  }
  process.exit(0);
}

if (process.argv[2] === 'serve') await serve(process.argv[3] ?? '');
else await main();
