import { ChanceryError, isWireCode } from '../core/errors.js';
import {
  errorText,
  resultText,
  type Incoming,
  type RpcRejection,
  type RpcRequest,
} from '../protocol/envelope.js';
import { requestWeight } from '../protocol/weight.js';
import { toWireError } from '../protocol/wire-error.js';
import type { Route, TransportPeer } from './call.js';
import type { TransportEvent } from './events.js';
import { overloaded, type Quotas } from './quotas.js';
import { RequestIds } from './request-ids.js';
import type { Session } from './session.js';

/** Turns what was read into the text that answers it: routes each request within the quotas. */
export class Answerer<Peer extends TransportPeer> {
  readonly #route: Route<Peer>;
  readonly #quotas: Quotas;
  readonly #observe: (event: TransportEvent) => void;
  readonly #ids = new RequestIds();
  #closing = false;

  constructor(route: Route<Peer>, quotas: Quotas, observe: (event: TransportEvent) => void) {
    this.#route = route;
    this.#quotas = quotas;
    this.#observe = observe;
  }

  /** From now on every request is OVERLOADED; those in flight go on. */
  refuseNew(): void {
    this.#closing = true;
  }

  /**
   * The text to send back; never rejects. Items of a batch are started in order, run at the same time, and are
   * answered in order: one that must see the effect of another belongs in a later message.
   */
  async answer(session: Session<Peer>, incoming: Incoming): Promise<string> {
    if (incoming.kind === 'single') return this.#answerOne(session, incoming.item);
    const answers = await Promise.all(incoming.items.map((item) => this.#answerOne(session, item)));
    return `[${answers.join(',')}]`;
  }

  async #answerOne(session: Session<Peer>, item: RpcRequest | RpcRejection): Promise<string> {
    if ('error' in item) return errorText(item.id, item.error);
    const { uid } = session.peer;
    const requestId = this.#ids.next();
    const weight = requestWeight(item.method, item.params);
    const refusal = this.#closing
      ? overloaded('the daemon is shutting down', 'connect again')
      : this.#quotas.begin(uid, weight);
    if (refusal !== null) return errorText(item.id, toWireError(refusal, requestId));
    session.inFlight += weight;
    try {
      const { peer, connection } = session;
      const result = await this.#route({
        method: item.method,
        params: item.params,
        peer,
        connection,
        requestId,
      });
      return resultText(item.id, result);
    } catch (error) {
      if (isDefect(error)) {
        this.#observe({ kind: 'failed', uid, request: requestId, method: item.method, error });
      }
      return errorText(item.id, toWireError(error, requestId));
    } finally {
      session.inFlight -= weight;
      this.#quotas.end(uid, weight);
    }
  }
}

/** Neither a refusal nor a client that went away: somebody has to look at it. */
function isDefect(error: unknown): boolean {
  if (!(error instanceof ChanceryError)) return true;
  return error.code === 'INTERNAL' || (!isWireCode(error.code) && error.code !== 'ABORTED');
}
