import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { PROTOCOL_HEADER, PROTOCOL_VERSION } from '../../src/protocol/version.js';
import { temporaryDirectory } from './temporary-directory.js';

export interface FakeRequest {
  readonly id: number;
  readonly method: string;
  readonly params: Record<string, unknown>;
  /** The connection it came on, from 0. */
  readonly connection: number;
  readonly websocket: WebSocket;
}

/** Answers with a JSON-RPC result, or throws `{ error }` or a RawAnswer; `undefined` never answers. */
export type Handler = (request: FakeRequest) => unknown;

export interface FakeDaemonOptions {
  readonly path?: string;
  readonly version?: string | null;
  /** HTTP answer to the upgrade instead of a WebSocket. */
  readonly refuse?: () => { readonly status: number; readonly body: string } | null;
}

export class ErrorAnswer {
  readonly error: unknown;
  constructor(error: unknown) {
    this.error = error;
  }
}

/** A daemon on a real Unix socket that says whatever a test wants it to, as long as the test runs. */
export class FakeDaemon {
  readonly path: string;
  readonly requests: FakeRequest[] = [];
  readonly #options: FakeDaemonOptions;
  readonly #sockets = new Set<WebSocket>();
  handler: Handler;
  connections = 0;
  #server: Server | null = null;

  private constructor(handler: Handler, options: FakeDaemonOptions = {}) {
    this.path = join(temporaryDirectory(), options.path ?? 's.sock');
    this.#options = options;
    this.handler = handler;
  }

  static async start(handler: Handler, options: FakeDaemonOptions = {}): Promise<FakeDaemon> {
    const daemon = new FakeDaemon(handler, options);
    onTestFinished(() => daemon.stop());
    await daemon.listen();
    return daemon;
  }

  listen(): Promise<void> {
    const { refuse, version = PROTOCOL_VERSION } = this.#options;
    const server = createServer();
    const websockets = new WebSocketServer({ noServer: true });
    websockets.on('headers', (headers) => {
      if (version !== null) headers.push(`${PROTOCOL_HEADER}: ${version}`);
    });
    server.on('upgrade', (request, socket, head) => {
      const refusal = refuse?.() ?? null;
      if (refusal !== null) {
        // The client may hang up while it is told.
        socket.on('error', () => undefined);
        const length = String(Buffer.byteLength(refusal.body));
        socket.end(
          `HTTP/1.1 ${String(refusal.status)} No\r\ncontent-length: ${length}\r\n\r\n${refusal.body}`,
        );
        return;
      }
      websockets.handleUpgrade(request, socket, head, (websocket) => {
        this.#serve(websocket);
      });
    });
    this.#server = server;
    return new Promise((resolve) => server.listen(this.path, resolve));
  }

  /** Cuts every connection without a word. */
  cut(): void {
    for (const websocket of this.#sockets) websocket.terminate();
    this.#sockets.clear();
  }

  /** Stops listening and cuts every connection; `listen` starts it again. */
  async stop(): Promise<void> {
    this.cut();
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  }

  #serve(websocket: WebSocket): void {
    const connection = this.connections++;
    this.#sockets.add(websocket);
    websocket.on('close', () => this.#sockets.delete(websocket));
    websocket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as Omit<FakeRequest, 'connection' | 'websocket'>;
      const request = { ...message, connection, websocket };
      this.requests.push(request);
      void this.#answer(request);
    });
  }

  async #answer(request: FakeRequest): Promise<void> {
    const { id, websocket } = request;
    const result = await this.handler(request);
    if (result === undefined) return;
    const answer = result instanceof ErrorAnswer ? { error: result.error } : { result };
    if (websocket.readyState === websocket.OPEN)
      websocket.send(JSON.stringify({ jsonrpc: '2.0', id, ...answer }));
  }
}

/** JSON-RPC's `error` as a daemon sends it. */
export function wireError(code: string, message: string, data: Record<string, unknown> = {}): ErrorAnswer {
  return new ErrorAnswer({ code: 1, message, data: { code, failures: [], ...data } });
}
