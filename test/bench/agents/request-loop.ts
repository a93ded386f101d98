import { Agent, request } from 'node:http';
import { connect } from '../../../src/client/api.js';
import { serveLoop, type Recorder } from '../loop.js';
import { RawWebSocket } from '../raw-websocket.js';
import { transfers } from './transactions.js';
import { wayNamed, type Way } from './ways.js';

/**
 * Agents that ask for signatures, each with one message in flight, in each way the protocol has. An operation is one
 * signature asked for; its time is that of the message it went in.
 */

const [, , socketPath = '', key = '', address = '', destination = ''] = process.argv;
const next = transfers(address, destination);

interface Answer {
  readonly result?: unknown;
  readonly error?: { readonly message: string; readonly data?: { readonly code?: string } };
}

/** Sends one message and takes its answers, one for each signature that was asked for. */
type Ask = () => Promise<readonly Answer[]>;

interface Asking {
  readonly ask: Ask;
  readonly close: () => void;
}

let id = 0;
function call(method: string, params: Record<string, unknown>): string {
  id += 1;
  return JSON.stringify({ jsonrpc: '2.0', id, method, params });
}

const one = (): string => call('signTransaction', { key, transaction: next() });

/** The text of a message that asks for as many signatures as the way has in one. */
function textOf({ method, size }: Way): () => string {
  if (method === 'signTransaction') return one;
  if (method === 'batch') return () => `[${Array.from({ length: size }, one).join(',')}]`;
  return () => call('signTransactions', { key, transactions: Array.from({ length: size }, next) });
}

async function overWebSocket(text: () => string): Promise<Asking> {
  const socket = await RawWebSocket.open(socketPath);
  const ask: Ask = () =>
    new Promise((resolve, reject) => {
      socket.onClose = () => {
        reject(new Error('the daemon closed a connection'));
      };
      socket.onMessage = (payload) => {
        resolve(answersOf(payload.toString()));
      };
      socket.send(text());
    });
  const close = (): void => {
    socket.onClose = () => undefined;
    socket.close();
  };
  return { ask, close };
}

function overHttp(text: () => string): Asking {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = (): Promise<readonly Answer[]> =>
    new Promise((resolve, reject) => {
      const body = text();
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const outgoing = request({ socketPath, method: 'POST', agent, headers }, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('end', () => {
          resolve(answersOf(Buffer.concat(chunks).toString()));
        });
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  return {
    ask,
    close: () => {
      agent.destroy();
    },
  };
}

/** A batch is an array of answers; `signTransactions` has one answer, whose result is an array of such. */
function answersOf(text: string): readonly Answer[] {
  const answer = JSON.parse(text) as Answer | readonly Answer[];
  if (Array.isArray(answer)) return answer as readonly Answer[];
  const { result } = answer as Answer;
  return Array.isArray(result) ? (result as readonly Answer[]) : [answer as Answer];
}

async function throughLibrary(): Promise<Asking> {
  const client = await connect({ socket: socketPath, expect: { [key]: address } });
  return {
    ask: async () => [{ result: await client.signTransaction({ key, transaction: next() }) }],
    close: () => {
      client.close();
    },
  };
}

async function askingBy(way: Way): Promise<Asking> {
  if (way.over === 'library') return throughLibrary();
  return way.over === 'http' ? overHttp(textOf(way)) : overWebSocket(textOf(way));
}

async function untilOver({ ask }: Asking, record: Recorder): Promise<void> {
  while (!record.over()) {
    const began = performance.now();
    for (const { error } of await ask()) {
      if (error === undefined) record.add(began);
      else record.fail(error.data?.code ?? error.message);
    }
  }
}

serveLoop(async ({ clients, mode }, record) => {
  const way = wayNamed(mode);
  const all = await Promise.all(Array.from({ length: clients }, () => askingBy(way)));
  await Promise.all(all.map((asking) => untilOver(asking, record)));
  for (const { close } of all) close();
});
