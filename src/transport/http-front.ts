import type { IncomingMessage, ServerResponse } from 'node:http';
import { readIncoming, type Incoming } from '../protocol/envelope.js';
import { messageWeight } from '../protocol/weight.js';
import type { Answer, Answerer } from './answerer.js';
import type { Pages, TransportPeer } from './call.js';
import {
  dropTheRest,
  httpRefusal,
  sendRefusal,
  sendText,
  writeRefusal,
  type HttpRefusal,
} from './http-answer.js';
import { readBody } from './read-body.js';
import { refusedHeader } from './refused-headers.js';
import { owesAnswer, type Session } from './session.js';

/** `POST /` with a JSON-RPC body, and `GET` of the pages this socket has. */
export class HttpFront<Peer extends TransportPeer> {
  readonly #answerer: Answerer<Peer>;
  readonly #pages: Pages<Peer>;
  readonly #maxBytes: number;
  /** What ends each pause there is. */
  readonly #pauses = new Set<() => void>();
  #released = false;

  constructor(answerer: Answerer<Peer>, pages: Pages<Peer>, maxBytes: number) {
    this.#answerer = answerer;
    this.#pages = pages;
    this.#maxBytes = maxBytes;
  }

  async answer(session: Session<Peer>, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = refuseProxied(request);
    if (refusal !== null) {
      this.refuse(session, request, response, refusal);
    } else if (request.method === 'GET') {
      await this.#page(session, request, response);
    } else {
      await this.#post(session, request, response);
    }
  }

  /**
   * Refuses a request below JSON-RPC and gives up the connection: what else it brings cannot be told apart from the
   * refused request. Answers still owed for earlier requests go first.
   */
  refuse(
    session: Session<Peer>,
    request: IncomingMessage,
    response: ServerResponse,
    refusal: HttpRefusal,
  ): void {
    session.refused = true;
    if (owesAnswer(session, request)) {
      dropTheRest(request.socket);
      sendRefusal(response, refusal);
    } else writeRefusal(request.socket, refusal);
  }

  /** Nobody is held any longer: what waits is sent now. For the end of the daemon. */
  release(): void {
    this.#released = true;
    for (const end of this.#pauses) end();
  }

  async #page(session: Session<Peer>, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const page = this.#pages.get(request.url ?? '');
    if (page === undefined) {
      const known = [...this.#pages.keys()].join(', ');
      const hint = known === '' ? 'this socket takes POST / and WebSocket /' : `pages here: ${known}`;
      this.refuse(session, request, response, httpRefusal(404, 'there is no such page on this socket', hint));
      return;
    }
    const { status, contentType, body } = await page(session.peer);
    sendText(response, status, contentType, body);
  }

  async #post(session: Session<Peer>, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = refusePost(request);
    if (refusal !== null) {
      this.refuse(session, request, response, refusal);
      return;
    }
    const body = await readBody(request, this.#maxBytes);
    if (body === null) return;
    if (body === 'too-large') {
      this.refuse(session, request, response, httpRefusal(413, tooLarge(this.#maxBytes), SMALLER));
      return;
    }
    if (body === 'not-utf8') {
      this.refuse(
        session,
        request,
        response,
        httpRefusal(400, 'the body is not UTF-8', 'send JSON in UTF-8'),
      );
      return;
    }
    const incoming = await this.#begin(session, body.text);
    if (incoming === null) return;
    const answer = await this.#answerer.answer(session, incoming, body.text.length);
    // Not awaited here: a body of 512 kB would live as long as its answer is held.
    return this.#send(session, response, answer);
  }

  /**
   * Who is refused too fast gets its answer late. One that has more requests behind it meanwhile (pipelining) is
   * answered and given up: what it sends cannot be left unread, and must not pile up.
   */
  async #send(session: Session<Peer>, response: ServerResponse, { text, hold }: Answer): Promise<void> {
    if (hold > 0 && session.held) {
      session.refused = true;
    } else if (hold > 0) {
      session.held = true;
      await this.#pause(session, hold);
      session.held = false;
    }
    sendText(response, 200, 'application/json', text);
  }

  /**
   * What a body asks for, when it may be begun; null when the caller has gone by then. What waits is read anew: many
   * small values take far more memory than their text, and there may be such a body a connection.
   */
  async #begin(session: Session<Peer>, text: string): Promise<Incoming | null> {
    const read = this.#read(session, text);
    if (typeof read !== 'number') return read;
    return (await this.#mayBegin(session, read)) ? readIncoming(text) : null;
  }

  /** Its weight alone when that has to wait. */
  #read(session: Session<Peer>, text: string): Incoming | number {
    const incoming = readIncoming(text);
    const weight = messageWeight(incoming);
    return this.#answerer.wait(session, weight) > 0 ? weight : incoming;
  }

  /**
   * Asked again each time: what was held as long on other connections must not go on in the same moment. False as soon
   * as the caller has gone: what it left waiting on ever new connections would fill the memory.
   */
  async #mayBegin(session: Session<Peer>, weight: number): Promise<boolean> {
    const wait = (): number => this.#answerer.wait(session, weight);
    for (let ms = wait(); ms > 0 && !this.#released; ms = wait()) {
      await this.#pause(session, ms);
      if (session.abort.signal.aborted) return false;
    }
    return true;
  }

  /** Ends early when the daemon does, or its caller has gone. */
  async #pause(session: Session<Peer>, ms: number): Promise<void> {
    const { signal } = session.abort;
    if (this.#released || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        this.#pauses.delete(end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      timer.unref();
      signal.addEventListener('abort', end);
      this.#pauses.add(end);
    });
  }
}

export function refuseProxied(request: IncomingMessage): HttpRefusal | null {
  const header = refusedHeader(request.rawHeaders);
  if (header === null) return null;
  return httpRefusal(
    403,
    `requests with the header ${header} are refused: one connection is one caller`,
    'connect to the Unix socket from the agent itself, not through a proxy or a browser',
  );
}

const SMALLER = 'send fewer transactions at a time';
function tooLarge(maxBytes: number): string {
  return `a request has at most ${String(maxBytes)} bytes`;
}

function refusePost(request: IncomingMessage): HttpRefusal | null {
  if (request.url !== '/') return httpRefusal(404, 'requests go to /', 'POST to /');
  if (request.method !== 'POST') return httpRefusal(405, 'the method must be POST', 'POST to /');
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/json(?:\s*;|$)/i.test(type)) {
    return httpRefusal(
      415,
      'the content type must be application/json',
      "send -H 'content-type: application/json'",
    );
  }
  if (request.headers['content-encoding'] !== undefined) {
    return httpRefusal(415, 'compressed bodies are refused', 'send the JSON as it is');
  }
  return null;
}
