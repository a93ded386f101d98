import type { Server as HttpServer } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ChanceryError } from '../core/errors.js';
import { Answerer } from './answerer.js';
import { bindSocket, type BoundSocket } from './bind-socket.js';
import type { Pages, Route, TransportPeer } from './call.js';
import { emitInSlices } from './emit-in-slices.js';
import type { TransportEvent } from './events.js';
import { httpRefusal, writeRefusal } from './http-answer.js';
import { HttpFront } from './http-front.js';
import { malformedHttp, newHttpServer } from './http-server.js';
import type { TransportLimits } from './limits.js';
import { Pace } from './pace.js';
import { Quotas } from './quotas.js';
import { afterAnswers, expectAnswer, httpConnection, owesAnswer, type Session } from './session.js';
import { Turns } from './turns.js';
import { WebSocketFront } from './websocket-front.js';

export interface ListenOptions<Peer extends TransportPeer> {
  readonly path: string;
  /** Permission bits of the socket file, e.g. 0o660. */
  readonly mode: number;
  /** The group that owns it; null for that of the process. */
  readonly gid?: number | null;
  readonly limits: TransportLimits;
  /**
   * Names the peer of a connected socket from its descriptor; called synchronously in the `connection` event, since
   * after a close the number may belong to another socket. A ChanceryError it throws is told to the client.
   */
  readonly admit: (fd: number) => Peer;
  readonly route: Route<Peer>;
  readonly pages?: Pages<Peer>;
  readonly observe: (event: TransportEvent) => void;
}

export interface Server {
  readonly connections: number;
  readonly inFlight: number;
  /**
   * Stops accepting and answers new requests with OVERLOADED, waits at most `drainMs` for those in flight, then
   * closes every connection. The socket file goes first, unless another daemon has replaced it.
   */
  close(drainMs: number): Promise<void>;
}

/** No connection waits longer to be read. */
const LONGEST_HOLD_MS = 5000;

/** Serves JSON-RPC over HTTP and WebSocket on one Unix socket. Throws as `bindSocket` does. */
export async function listen<Peer extends TransportPeer>(options: ListenOptions<Peer>): Promise<Server> {
  const service = new Service(options);
  const bound = await bindSocket(service.http, options.path, {
    mode: options.mode,
    gid: options.gid ?? null,
  });
  return {
    get connections() {
      return service.quotas.connections;
    },
    get inFlight() {
      return service.quotas.requests;
    },
    close: (drainMs) => service.close(bound, drainMs),
  };
}

class Service<Peer extends TransportPeer> {
  readonly http: HttpServer;
  readonly quotas: Quotas;
  readonly #options: ListenOptions<Peer>;
  /** To name a caller and answer what is no HTTP costs as much as several requests. */
  readonly #connections: Pace;
  readonly #turns = new Turns();
  readonly #answerer: Answerer<Peer>;
  readonly #httpFront: HttpFront<Peer>;
  readonly #websocketFront: WebSocketFront<Peer>;
  readonly #sessions = new Map<Socket, Session<Peer>>();
  #opened = 0;
  /** Set while closing. */
  #whenEmpty: (() => void) | null = null;

  constructor(options: ListenOptions<Peer>) {
    const { limits, route, observe } = options;
    this.#options = options;
    this.quotas = new Quotas(limits);
    this.#connections = new Pace(limits.connectionsPerSecond, limits.connectionsAtOnce, LONGEST_HOLD_MS);
    this.#answerer = new Answerer(route, this.quotas, limits, observe);
    this.#httpFront = new HttpFront(this.#answerer, options.pages ?? new Map(), limits.maxRequestBytes);
    this.#websocketFront = new WebSocketFront(this.#answerer, limits, observe);
    this.http = this.#createHttp(limits);
  }

  #createHttp(limits: TransportLimits): HttpServer {
    const http = newHttpServer(limits);
    // Node's own listener parses HTTP; ours runs first and passes on only whom it admits.
    const parse = http.listeners('connection');
    http.removeAllListeners('connection');
    http.on('connection', (socket: Socket) => {
      const peer = this.#admit(socket);
      if (peer === null) return;
      const read = (): void => {
        if (socket.destroyed) return;
        for (const listener of parse) listener.call(http, socket);
        emitInSlices(socket, this.#turns.of(peer.uid));
      };
      const wait = this.#connections.spend(peer.uid, 1, performance.now());
      if (wait === 0) {
        read();
        return;
      }
      // Nobody else listens yet, and an error without a listener ends the process.
      socket.on('error', () => undefined);
      setTimeout(read, wait).unref();
    });
    http.on('request', (request, response) => {
      const session = this.#sessions.get(request.socket);
      if (session === undefined || session.refused) return;
      expectAnswer(session, request, response);
      this.#httpFront.answer(session, request, response).catch((error: unknown) => {
        const uid = session.peer.uid;
        this.#options.observe({ kind: 'failed', uid, request: '', method: request.url ?? '', error });
        response.destroy();
      });
    });
    http.on('upgrade', (request, socket, head) => {
      this.#parserLeft(request.socket, (session) => {
        this.#websocketFront.upgrade(session, request, socket, head);
      });
    });
    http.on('connect', ({ socket }) => {
      this.#parserLeft(socket, () => {
        writeRefusal(socket, httpRefusal(405, 'the method must be POST', 'POST to /'));
      });
    });
    http.on('checkExpectation', (request, response) => {
      const session = this.#sessions.get(request.socket);
      const refusal = httpRefusal(400, 'this expectation is not supported', 'leave the Expect header out');
      if (session !== undefined) this.#httpFront.refuse(session, request, response, refusal);
    });
    http.on('clientError', (error, socket) => {
      this.#malformed(error, socket);
    });
    return http;
  }

  /** Node's parser has left the socket to somebody else, who begins when the answers that are owed are out. */
  #parserLeft(socket: Socket, begin: (session: Session<Peer>) => void): void {
    const session = this.#sessions.get(socket);
    if (session === undefined || session.refused) {
      socket.destroy();
      return;
    }
    afterAnswers(session, socket, () => {
      begin(session);
    });
  }

  /** Bytes that are no HTTP, or that took too long. */
  #malformed(error: NodeJS.ErrnoException, socket: Duplex): void {
    const session = socket instanceof Socket ? this.#sessions.get(socket) : undefined;
    // It has its answer already: these bytes are the rest of what was refused.
    if (session?.refused === true) return;
    if (session !== undefined) session.refused = true;
    // What is owed goes first, and would be taken for the answer to this.
    if (session !== undefined && owesAnswer(session)) return;
    writeRefusal(socket, malformedHttp(error));
  }

  /** Null when the connection was refused and answered. */
  #admit(socket: Socket): Peer | null {
    let peer: Peer;
    try {
      peer = this.#options.admit(descriptor(socket));
    } catch (error) {
      this.#refuse(socket, null, error);
      return null;
    }
    const refusal = this.quotas.connect(peer.uid);
    if (refusal !== null) {
      peer.close();
      // Refused again and again it is not even told: to write an answer is what it makes us do.
      if (this.#connections.spend(peer.uid, 1, performance.now()) > 0) socket.destroy();
      else this.#refuse(socket, peer.uid, refusal);
      return null;
    }
    this.#open(socket, peer);
    return peer;
  }

  #refuse(socket: Socket, uid: number | null, cause: unknown): void {
    const error =
      cause instanceof ChanceryError
        ? cause
        : new ChanceryError('INTERNAL', 'the caller could not be identified', { cause });
    this.#options.observe({ kind: 'refused', uid, error });
    writeRefusal(socket, { status: error.code === 'OVERLOADED' ? 503 : 403, error });
  }

  #open(socket: Socket, peer: Peer): void {
    const id = (++this.#opened).toString(36);
    const abort = new AbortController();
    const { uid } = peer;
    this.#sessions.set(socket, {
      id,
      peer,
      abort,
      refused: false,
      held: false,
      unanswered: new Set(),
      upgrade: null,
      connection: httpConnection(id, abort.signal),
    });
    this.#options.observe({ kind: 'opened', uid, connection: id });
    socket.once('close', () => {
      this.#sessions.delete(socket);
      this.quotas.disconnect(uid);
      abort.abort();
      peer.close();
      this.#options.observe({ kind: 'closed', uid, connection: id });
      this.#checkEmpty();
    });
  }

  async close(bound: BoundSocket, drainMs: number): Promise<void> {
    bound.unbind();
    this.#answerer.refuseNew();
    this.#httpFront.release();
    this.http.close();
    await this.#drained(drainMs);
    this.#websocketFront.close();
    this.http.closeIdleConnections();
    const last = setTimeout(() => {
      for (const [socket, session] of this.#sessions) {
        this.#options.observe({
          kind: 'cut',
          uid: session.peer.uid,
          connection: session.id,
          reason: 'drained',
        });
        socket.destroy();
      }
    }, FAREWELL_MS);
    // Node's own `close` event of the server comes before those of its connections.
    await new Promise<void>((resolve) => {
      this.#whenEmpty = resolve;
      this.#checkEmpty();
    });
    clearTimeout(last);
  }

  #checkEmpty(): void {
    if (this.#sessions.size === 0) this.#whenEmpty?.();
  }

  async #drained(drainMs: number): Promise<void> {
    const patience = AbortSignal.timeout(drainMs);
    while (this.quotas.requests > 0 && !patience.aborted) {
      await new Promise((resolve) => setTimeout(resolve, DRAIN_CHECK_MS));
    }
  }
}

const DRAIN_CHECK_MS = 5;
/** For answers on their way out and closing handshakes. */
const FAREWELL_MS = 250;

/** The file descriptor of a connected socket: Node has it, but no public name for it. */
function descriptor(socket: Socket): number {
  const handle: unknown = Reflect.get(socket, '_handle');
  const fd: unknown = typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'fd') : undefined;
  if (typeof fd !== 'number' || fd < 0) throw new Error('the connection has no descriptor');
  return fd;
}
