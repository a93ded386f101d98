import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { DEFAULT_LIMITS, type TransportLimits } from '../../src/transport/limits.js';
import { listen, type ListenOptions, type Server } from '../../src/transport/server.js';
import type { TransportEvent } from '../../src/transport/events.js';
import type { Call, Pages, TransportPeer } from '../../src/transport/call.js';

/** A peer that says what it is told to, and remembers that it was closed. */
export interface FakePeer extends TransportPeer {
  readonly uid: number;
  closed: boolean;
}

export function fakePeer(uid = 1000): FakePeer {
  return {
    uid,
    closed: false,
    close() {
      this.closed = true;
    },
  };
}

interface RunningServer {
  readonly server: Server;
  readonly path: string;
  readonly directory: string;
  readonly peers: FakePeer[];
  readonly events: TransportEvent[];
  readonly calls: Call<FakePeer>[];
}

interface ServerOptions {
  readonly limits?: Partial<TransportLimits>;
  readonly route?: (call: Call<FakePeer>) => Promise<unknown>;
  readonly admit?: ListenOptions<FakePeer>['admit'];
  readonly pages?: Pages<FakePeer>;
  readonly path?: string;
  readonly mode?: number;
}

/** Answers every call with its own params, unless told otherwise. */
const echo = (call: Call<FakePeer>): Promise<unknown> => Promise.resolve(call.params);

interface TestServers {
  start(options?: ServerOptions): Promise<RunningServer>;
  close(): Promise<void>;
}

/** Servers in directories of their own; `close` stops all of them. */
export function testServers(): TestServers {
  const running: RunningServer[] = [];
  const directories: string[] = [];
  return {
    async start(options = {}) {
      const directory = mkdtempSync(join(tmpdir(), 'chancery-transport-'));
      // Also of one that does not start.
      directories.push(directory);
      const peers: FakePeer[] = [];
      const events: TransportEvent[] = [];
      const calls: Call<FakePeer>[] = [];
      const admit =
        options.admit ??
        (() => {
          const peer = fakePeer();
          return peer;
        });
      const route = options.route ?? echo;
      const path = options.path ?? join(directory, 's.sock');
      const server = await listen<FakePeer>({
        path,
        mode: options.mode ?? 0o660,
        limits: { ...DEFAULT_LIMITS, ...options.limits },
        admit: (fd) => {
          const peer = admit(fd);
          peers.push(peer);
          return peer;
        },
        route: (call) => {
          calls.push(call);
          return route(call);
        },
        ...(options.pages === undefined ? {} : { pages: options.pages }),
        observe: (event) => events.push(event),
      });
      const started = { server, path, directory, peers, events, calls };
      running.push(started);
      return started;
    },
    async close() {
      for (const { server } of running.splice(0)) await server.close(0);
      for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
    },
  };
}

interface HttpReply {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

interface HttpOptions {
  readonly method?: string;
  readonly url?: string;
  readonly headers?: Record<string, string>;
}

/** One HTTP request on a connection of its own. */
export function http(path: string, body?: string | Buffer, options: HttpOptions = {}): Promise<HttpReply> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        socketPath: path,
        path: options.url ?? '/',
        method: options.method ?? 'POST',
        headers: { 'content-type': 'application/json', connection: 'close', ...options.headers },
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: text });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

export interface RpcReply {
  readonly id: string | number | null;
  readonly result?: unknown;
  readonly error?: {
    readonly code: number;
    readonly message: string;
    readonly data: { readonly code: string; readonly failures: unknown[]; hint?: string; request?: string };
  };
}

/** One JSON-RPC call by HTTP. */
export async function rpc(path: string, method: string, params: unknown = {}): Promise<RpcReply> {
  const reply = await http(path, JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
  return JSON.parse(reply.body) as RpcReply;
}

interface TestWebSocket {
  readonly raw: WebSocket;
  /** The next message not yet taken. */
  next(): Promise<string>;
  call(method: string, params?: unknown, id?: number): Promise<RpcReply>;
  send(text: string): void;
  /** Code of the close frame. */
  readonly closed: Promise<number>;
}

export async function websocket(path: string, headers: Record<string, string> = {}): Promise<TestWebSocket> {
  const raw = new WebSocket(`ws+unix://${path}:/`, { headers, perMessageDeflate: false });
  const messages: string[] = [];
  const takers: ((text: string) => void)[] = [];
  raw.on('message', (data: Buffer) => {
    const text = data.toString('utf8');
    const taker = takers.shift();
    if (taker === undefined) messages.push(text);
    else taker(text);
  });
  const closed = new Promise<number>((resolve) => raw.on('close', resolve));
  await new Promise<void>((resolve, reject) => {
    raw.once('open', resolve);
    raw.once('error', reject);
  });
  raw.on('error', () => undefined);
  const next = (): Promise<string> => {
    const text = messages.shift();
    return text === undefined ? new Promise((resolve) => takers.push(resolve)) : Promise.resolve(text);
  };
  return {
    raw,
    next,
    closed,
    send: (text) => {
      raw.send(text);
    },
    async call(method, params = {}, id = 1) {
      raw.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
      return JSON.parse(await next()) as RpcReply;
    },
  };
}

interface RawClient {
  readonly socket: Socket;
  /** Everything received until the server closed the connection. */
  readonly received: Promise<string>;
}

/** Bytes as they are: for frames no library would send. */
export async function rawClient(path: string): Promise<RawClient> {
  const socket = connect(path);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => undefined);
  const received = new Promise<string>((resolve) => {
    socket.on('close', () => {
      resolve(Buffer.concat(chunks).toString('latin1'));
    });
  });
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  return { socket, received };
}

/** A promise to be settled from outside, for routes that must wait. */
interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

export function gate(): Gate {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** Polls until the condition holds; the test's own timeout is the bound. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}
