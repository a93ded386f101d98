import { connect as connectSocket } from 'node:net';
import type { IncomingMessage } from 'node:http';
import { WebSocket, type RawData } from 'ws';
import { ChanceryError } from '../core/errors.js';
import { checkSocketPath } from '../core/socket-path.js';
import { PROTOCOL_HEADER, PROTOCOL_VERSION } from '../protocol/version.js';
import { rpcError } from './rpc-error.js';

/** The largest answer: 64 signed transactions with their limits are far below. Bytes. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
const MAX_REFUSAL_BYTES = 64 * 1024;
/** How long the daemon has for its half of the closing handshake, ms: the socket keeps the agent's process meanwhile. */
const FAREWELL_MS = 250;

/** WebSocket's code for a message above what the other side takes. */
const TOO_LARGE = 1009;

interface Pending {
  /** That were sent: the daemon's bound is in bytes. */
  readonly bytes: number;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: ChanceryError) => void;
}

/** Called with each notification of a subscription. */
export type Notified = (method: string, params: unknown) => void;

export interface OpenOptions {
  /** For the handshake, milliseconds. */
  readonly timeout: number;
  /** Gives up while it opens; afterwards `close` does. */
  readonly signal: AbortSignal;
  readonly notified: Notified;
}

/** One WebSocket to a daemon; requests are pipelined and answered in any order. It never comes back once closed. */
export class Connection {
  readonly #websocket: WebSocket;
  readonly #pending = new Map<number, Pending>();
  readonly #notified: Notified;
  #nextId = 1;
  #failure: ChanceryError | null = null;
  readonly #whenEnded: ((error: ChanceryError) => void)[] = [];

  private constructor(websocket: WebSocket, notified: Notified) {
    this.#websocket = websocket;
    this.#notified = notified;
    websocket.on('message', (data, isBinary) => {
      this.#receive(data, isBinary);
    });
    websocket.on('error', (cause) => {
      this.#fail(closed(cause));
      // Who breaks the protocol need not answer a closing handshake, and ws would wait for that for 30 s.
      websocket.terminate();
    });
    websocket.on('close', (code) => {
      if (code === TOO_LARGE) this.#refuseLargest();
      this.#fail(closed());
    });
  }

  /**
   * Opens a WebSocket on a Unix socket. Rejects with DAEMON_UNREACHABLE, with the daemon's own error when it
   * refuses the connection, with RESPONSE_INVALID when it speaks another major version. What never gets an answer,
   * of a daemon that hangs, is closed then too: an open socket would keep the caller's process from ending.
   * Throws PATH_TOO_LONG, and DAEMON_UNREACHABLE for an empty path, which `net` would take for port 0.
   */
  static async open(socket: string, { timeout, signal, notified }: OpenOptions): Promise<Connection> {
    checkSocketPath(socket);
    if (socket === '') throw unreachable('""', new Error('the path is empty'));
    return new Promise((resolve, reject) => {
      const websocket = new WebSocket('ws://localhost/', {
        // A path in a ws+unix: URL would be percent-encoded and cut at a colon; the connection is made here.
        // With its timeout: `handshakeTimeout` has none of its own, it waits for that of the socket.
        createConnection: () => connectSocket({ path: socket, timeout }),
        perMessageDeflate: false,
        maxPayload: MAX_ANSWER_BYTES,
        handshakeTimeout: timeout,
      });
      const giveUp = (): void => {
        websocket.terminate();
      };
      signal.addEventListener('abort', giveUp, { once: true });
      let version: string | undefined;
      websocket.once('upgrade', (response) => {
        version = header(response);
      });
      // Kept for good: an error event that nobody listens to would end the agent's process.
      websocket.on('error', (cause) => {
        signal.removeEventListener('abort', giveUp);
        reject(unreachable(socket, cause));
      });
      websocket.once('unexpected-response', (_request, response) => {
        const timer = setTimeout(() => response.destroy(), timeout);
        void refusalOf(response, socket).then((error) => {
          clearTimeout(timer);
          websocket.terminate();
          reject(error);
        });
      });
      websocket.once('open', () => {
        signal.removeEventListener('abort', giveUp);
        const connection = new Connection(websocket, notified);
        const wrong = versionMismatch(version);
        if (wrong === null) {
          resolve(connection);
        } else {
          connection.close();
          reject(wrong);
        }
      });
    });
  }

  get open(): boolean {
    return this.#failure === null;
  }

  /** Rejects with why the connection has ended, once it has. */
  ended(): Promise<never> {
    return new Promise((_resolve, reject) => {
      if (this.#failure === null) this.#whenEnded.push(reject);
      else reject(this.#failure);
    });
  }

  /**
   * Sends one request. Rejects with the daemon's error, DAEMON_UNREACHABLE when the connection ends first, or
   * MALFORMED_REQUEST when it is no JSON.
   */
  request(method: string, params: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) {
        reject(this.#failure);
        return;
      }
      const id = this.#nextId++;
      const text = requestText(id, method, params);
      this.#pending.set(id, { bytes: Buffer.byteLength(text), resolve, reject });
      this.#websocket.send(text);
    });
  }

  close(): void {
    this.#fail(closed());
    this.#websocket.close();
    setTimeout(() => {
      this.#websocket.terminate();
    }, FAREWELL_MS).unref();
  }

  #receive(data: RawData, isBinary: boolean): void {
    const answer = isBinary || !Buffer.isBuffer(data) ? null : parseObject(data);
    if (answer === null) {
      this.#fail(new ChanceryError('RESPONSE_INVALID', 'the daemon sent what is not a JSON-RPC answer'));
      this.#websocket.terminate();
      return;
    }
    if (typeof answer['method'] === 'string') {
      this.#notified(answer['method'], answer['params']);
      return;
    }
    const { id } = answer;
    if (id === null || id === undefined) {
      // The daemon could not tell which request it refuses: none of them will be answered for certain.
      this.#fail(rpcError(answer['error']));
      this.#websocket.terminate();
      return;
    }
    const pending = typeof id === 'number' ? this.#pending.get(id) : undefined;
    if (typeof id !== 'number' || pending === undefined) return;
    this.#pending.delete(id);
    if (answer['error'] === undefined) pending.resolve(answer['result']);
    else pending.reject(rpcError(answer['error']));
  }

  /**
   * The daemon does not say which message was above its bound: if any was, then the longest. Asked for again it would
   * end the next connection too, and everything else on it.
   */
  #refuseLargest(): void {
    const [longest] = [...this.#pending].sort(([, a], [, b]) => b.bytes - a.bytes);
    if (longest === undefined) return;
    const [id, { bytes, reject }] = longest;
    this.#pending.delete(id);
    reject(
      new ChanceryError('MALFORMED_REQUEST', `the daemon takes no request of ${String(bytes)} bytes`, {
        hint: 'send less in one request',
      }),
    );
  }

  #fail(error: ChanceryError): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    const waiting = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of waiting) reject(error);
    for (const reject of this.#whenEnded) reject(error);
  }
}

/** Throws MALFORMED_REQUEST: agents in plain JavaScript give a bigint where the protocol has digits as text. */
function requestText(id: number, method: string, params: unknown): string {
  try {
    return JSON.stringify({ jsonrpc: '2.0', id, method, params });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ChanceryError('MALFORMED_REQUEST', `params of ${method} cannot be written as JSON: ${why}`, {
      cause,
      hint: 'numbers of the protocol are text: of a bigint, give toString()',
    });
  }
}

function parseObject(data: Buffer): Partial<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(data.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

function header(response: IncomingMessage): string | undefined {
  const value = response.headers[PROTOCOL_HEADER];
  return typeof value === 'string' ? value : undefined;
}

function versionMismatch(version: string | undefined): ChanceryError | null {
  const major = (text: string): string => text.split('.')[0] ?? '';
  if (version !== undefined && major(version) === major(PROTOCOL_VERSION)) return null;
  const theirs =
    version === undefined ? 'names no protocol version' : `speaks protocol ${version.slice(0, 16)}`;
  return new ChanceryError(
    'RESPONSE_INVALID',
    `the daemon ${theirs}, this client speaks ${PROTOCOL_VERSION}`,
    {
      hint: 'use a client of the same major version as the daemon',
    },
  );
}

function unreachable(socket: string, cause: Error & { readonly code?: string }): ChanceryError {
  return new ChanceryError('DAEMON_UNREACHABLE', `no daemon answers at ${socket}: ${cause.message}`, {
    cause,
    hint: whatToDo(cause.code),
  });
}

function whatToDo(code: string | undefined): string {
  if (code === 'EACCES' || code === 'EPERM')
    return 'this user may not open the socket: ask the operator for the group that may';
  // Of a Unix socket: it listens, and its queue is full.
  if (code === 'EAGAIN')
    return 'more connections wait there than it takes: ask again, and keep one connection open';
  return 'start it with `chancery serve`, or give the path of its socket';
}

function closed(cause?: Error): ChanceryError {
  return new ChanceryError('DAEMON_UNREACHABLE', 'the connection to the daemon ended before it answered', {
    cause,
    hint: 'ask again: the same transaction within 10 minutes counts nothing more',
  });
}

/** The daemon's own words when it answers the upgrade with an HTTP error. */
async function refusalOf(response: IncomingMessage, socket: string): Promise<ChanceryError> {
  let body = '';
  try {
    response.setEncoding('utf8');
    for await (const chunk of response) {
      body += String(chunk);
      if (body.length > MAX_REFUSAL_BYTES) break;
    }
  } catch {
    body = '';
  }
  const answer = parseObject(Buffer.from(body));
  if (answer?.['error'] !== undefined) return rpcError(answer['error']);
  return new ChanceryError(
    'DAEMON_UNREACHABLE',
    `what listens at ${socket} answered with HTTP status ${String(response.statusCode)}, not with a WebSocket`,
    { hint: 'give the path of signer.sock' },
  );
}
