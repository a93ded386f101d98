import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { notificationText, readIncoming, type Incoming } from '../protocol/envelope.js';
import { PROTOCOL_HEADER, PROTOCOL_VERSION } from '../protocol/version.js';
import { messageWeight } from '../protocol/weight.js';
import { LITTLE, type Answerer } from './answerer.js';
import type { TransportPeer } from './call.js';
import type { CutReason, TransportEvent } from './events.js';
import { httpRefusal, writeRefusal } from './http-answer.js';
import { refuseProxied } from './http-front.js';
import type { TransportLimits } from './limits.js';
import type { Session } from './session.js';

/** WebSocket close codes (RFC 6455, 7.4.1). */
const GOING_AWAY = 1001;
const UNSUPPORTED_DATA = 1003;

const UPGRADE =
  'for a WebSocket send GET / with Upgrade: websocket and Sec-WebSocket-Version: 13; for HTTP leave the Upgrade header out';

/** Pieces one message may come in, and reads they may take: what bounds the cost of bytes sent one by one. */
const MAX_FRAGMENTS = 64;
const MAX_BUFFERED_CHUNKS = 4096;

/** JSON-RPC over WebSocket: one text message is one request or batch, and one answer. */
export class WebSocketFront<Peer extends TransportPeer> {
  readonly #answerer: Answerer<Peer>;
  readonly #limits: TransportLimits;
  readonly #observe: (event: TransportEvent) => void;
  readonly #server: WebSocketServer;
  readonly #channels = new Set<Channel<Peer>>();
  readonly #heartbeat: NodeJS.Timeout;

  constructor(answerer: Answerer<Peer>, limits: TransportLimits, observe: (event: TransportEvent) => void) {
    this.#answerer = answerer;
    this.#limits = limits;
    this.#observe = observe;
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: limits.maxRequestBytes,
      maxFragments: MAX_FRAGMENTS,
      maxBufferedChunks: MAX_BUFFERED_CHUNKS,
    });
    this.#server.on('headers', (headers) => headers.push(`${PROTOCOL_HEADER}: ${PROTOCOL_VERSION}`));
    // ws itself would answer in HTML.
    this.#server.on('wsClientError', ({ message }, socket) => {
      writeRefusal(socket, httpRefusal(400, `no upgrade to a WebSocket: ${message}`, UPGRADE));
    });
    this.#heartbeat = setInterval(() => {
      for (const channel of this.#channels) channel.beat();
    }, limits.heartbeat);
    this.#heartbeat.unref();
  }

  upgrade(session: Session<Peer>, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refusal =
      refuseProxied(request) ??
      (request.url === '/' ? null : httpRefusal(404, 'WebSockets go to /', 'connect to ws+unix://SOCKET:/'));
    if (refusal !== null) {
      writeRefusal(socket, refusal);
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (websocket) => {
      const channel = new Channel(session, websocket, this.#answerer, this.#limits, this.#observe);
      this.#channels.add(channel);
      // ws listens no longer once it has closed for a close frame or an error: what the client still sends is read and
      // dropped, or it could neither read why nor be seen to go away before 30 s are over.
      socket.on('data', () => undefined);
      // What came behind the upgrade waits for a listener.
      if (!websocket.isPaused) socket.resume();
      websocket.on('close', () => this.#channels.delete(channel));
    });
  }

  close(): void {
    clearInterval(this.#heartbeat);
    for (const { websocket } of this.#channels) {
      // A paused socket would never see the client's half of the closing handshake.
      websocket.resume();
      websocket.close(GOING_AWAY, 'the daemon is shutting down');
    }
  }
}

function messageOf({ text, bytes }: Unread): Message {
  const incoming = readIncoming(text);
  return { incoming, bytes, weight: messageWeight(incoming) };
}

/** Pings and pongs that cost about as much as to refuse a request. */
const CONTROL_FRAMES_AS_ONE = 16;

/** As it came: what waits is read when its turn comes. */
interface Unread {
  readonly text: string;
  readonly bytes: number;
}

interface Message {
  /** Null when it is to be read anew. */
  readonly incoming: Incoming | null;
  readonly bytes: number;
  readonly weight: number;
}

/** One WebSocket and what waits on it. */
class Channel<Peer extends TransportPeer> {
  readonly websocket: WebSocket;
  readonly #session: Session<Peer>;
  readonly #answerer: Answerer<Peer>;
  readonly #limits: TransportLimits;
  readonly #observe: (event: TransportEvent) => void;
  /** Not started: at most what one slice of the socket's bytes held. */
  readonly #waiting: Unread[] = [];
  /** The first of them, once it was read. */
  #next: Message | null = null;
  /** Weight of what was begun and is not answered, refusals too. */
  #begun = 0;
  #controlFrames = 0;
  /** Set while nothing more is read of a caller that is refused too fast. */
  #held: NodeJS.Timeout | null = null;
  /** Beats since the last frame. */
  #silent = 0;

  constructor(
    session: Session<Peer>,
    websocket: WebSocket,
    answerer: Answerer<Peer>,
    limits: TransportLimits,
    observe: (event: TransportEvent) => void,
  ) {
    this.websocket = websocket;
    this.#session = session;
    this.#answerer = answerer;
    this.#limits = limits;
    this.#observe = observe;
    session.connection = {
      id: session.id,
      kind: 'websocket',
      signal: session.abort.signal,
      notify: (method, params) => this.#send(notificationText(method, params)),
    };
    websocket.on('message', (data, isBinary) => {
      this.#receive(data, isBinary);
    });
    websocket.on('close', () => {
      if (this.#held !== null) clearTimeout(this.#held);
    });
    for (const frame of ['ping', 'pong'] as const) {
      websocket.on(frame, () => {
        this.#countControlFrame();
      });
    }
    // Oversized, malformed or too fragmented: ws closes with the fitting code.
    websocket.on('error', () => {
      this.#report('protocol');
    });
  }

  /** Half a frame cannot be followed by a pong: a client that stalls in a message falls silent too. */
  beat(): void {
    // Not read by our own choice: its pong would not be heard.
    if (this.websocket.isPaused) return;
    if (this.#silent >= 2) this.#cut('silent');
    else if (this.#silent++ > 0) this.websocket.ping();
  }

  /** A pong that nobody asked for is as good as none, and may be sent without end. */
  #countControlFrame(): void {
    this.#silent = 0;
    this.#controlFrames += 1;
    if (this.#controlFrames % CONTROL_FRAMES_AS_ONE !== 0) return;
    const hold = this.#answerer.charge(this.#session, 1);
    if (hold > 0) this.#hold(hold);
  }

  #receive(data: RawData, isBinary: boolean): void {
    // Cut off, or closed by us: nobody hears an answer.
    if (this.websocket.readyState !== this.websocket.OPEN) return;
    this.#silent = 0;
    if (isBinary || !Buffer.isBuffer(data)) {
      this.#report('protocol');
      this.websocket.close(UNSUPPORTED_DATA, 'send JSON in text messages');
      return;
    }
    const first = this.#waiting.length === 0;
    this.#waiting.push({ text: data.toString('utf8'), bytes: data.length });
    if (!first) return;
    this.#startWaiting();
    // Not read further until there is room: a client that sends faster than we answer waits in its own write.
    if (this.#waiting.length > 0) this.websocket.pause();
  }

  #fits(weight: number): boolean {
    const slowed = this.#answerer.charge(this.#session, 0) > 0;
    const most = slowed ? LITTLE : this.#limits.maxInFlightPerConnection;
    return this.#begun === 0 || this.#begun + weight <= most;
  }

  #start({ bytes, weight }: Message, incoming: Incoming): void {
    this.#begun += weight;
    void this.#answerer.answer(this.#session, incoming, bytes).then(({ text, hold }) => {
      this.#begun -= weight;
      this.#send(text);
      if (hold > 0) this.#hold(hold);
      this.#goOn();
    });
  }

  #hold(ms: number): void {
    if (this.#held !== null || this.websocket.readyState !== this.websocket.OPEN) return;
    this.websocket.pause();
    this.#held = setTimeout(() => {
      this.#held = null;
      this.#goOn();
    }, ms);
  }

  #goOn(): void {
    this.#startWaiting();
    const { websocket } = this;
    if (websocket.isPaused && this.#held === null && this.#waiting.length === 0) websocket.resume();
  }

  #startWaiting(): void {
    while (this.#held === null) {
      const message = this.#read();
      if (message === null || !this.#fits(message.weight)) return;
      // Asked for each: what was held as long on other connections must not go on in the same moment.
      const wait = this.#answerer.wait(this.#session, message.weight);
      if (wait > 0) {
        // Many small values take far more memory than their text, and there may be such a message a connection.
        this.#next = { ...message, incoming: null };
        this.#hold(wait);
        return;
      }
      const text = this.#waiting.shift()?.text ?? '';
      this.#next = null;
      this.#start(message, message.incoming ?? readIncoming(text));
    }
  }

  /** The first that waits; null when none does. */
  #read(): Message | null {
    const [first] = this.#waiting;
    if (first === undefined) return null;
    return (this.#next ??= messageOf(first));
  }

  #send(text: string): boolean {
    const { websocket } = this;
    if (websocket.readyState !== websocket.OPEN) return false;
    if (websocket.bufferedAmount > this.#limits.maxUnreadBytes) {
      this.#cut('unread');
      return false;
    }
    websocket.send(text);
    return true;
  }

  #cut(reason: CutReason): void {
    this.#report(reason);
    this.websocket.terminate();
  }

  #report(reason: CutReason): void {
    this.#observe({ kind: 'cut', uid: this.#session.peer.uid, connection: this.#session.id, reason });
  }
}
