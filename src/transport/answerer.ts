import { ChanceryError, isWireCode } from '../core/errors.js';
import {
  errorText,
  resultText,
  type Incoming,
  type RpcRejection,
  type RpcRequest,
} from '../protocol/envelope.js';
import { messageWeight, requestWeight } from '../protocol/weight.js';
import { toWireError } from '../protocol/wire-error.js';
import type { Route, TransportPeer } from './call.js';
import type { TransportEvent } from './events.js';
import type { TransportLimits } from './limits.js';
import { Pace } from './pace.js';
import { overloaded, type Quotas } from './quotas.js';
import { RequestIds } from './request-ids.js';
import type { Session } from './session.js';

/** To read so many bytes costs about as much as to refuse a request. */
const BYTES_AS_ONE = 4096;
/** Requests that even a caller that is refused too fast may begin at once: others wait for no more than for these. */
export const LITTLE = 8;
/** Nobody is held longer for what was refused. */
const LONGEST_HOLD_MS = 5000;

export interface Answer {
  readonly text: string;
  /**
   * Milliseconds in which nothing more should be read of this caller: it is refused faster than it may be. A refusal
   * costs no limit and no signature, and without this one caller's loop of them is everybody's latency.
   */
  readonly hold: number;
}

interface Part {
  readonly text: string;
  readonly refused: number;
}

/** Turns what was read into the text that answers it: routes each request within the quotas. */
export class Answerer<Peer extends TransportPeer> {
  readonly #route: Route<Peer>;
  readonly #quotas: Quotas;
  readonly #observe: (event: TransportEvent) => void;
  readonly #ids = new RequestIds();
  readonly #refusals: Pace;
  #closing = false;

  constructor(
    route: Route<Peer>,
    quotas: Quotas,
    limits: TransportLimits,
    observe: (event: TransportEvent) => void,
  ) {
    this.#refusals = new Pace(limits.refusalsPerSecond, limits.refusalsAtOnce, LONGEST_HOLD_MS);
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
   * answered in order: one that must see the effect of another belongs in a later message. `bytes` is the size of
   * the message.
   */
  async answer(session: Session<Peer>, incoming: Incoming, bytes: number): Promise<Answer> {
    const items = incoming.kind === 'single' ? [incoming.item] : incoming.items;
    // Who is near its pace pays ahead: on many connections it would have begun them all before the first is refused.
    const weight = messageWeight(incoming);
    const ahead = this.#refusals.allows(session.peer.uid, weight, performance.now()) ? 0 : weight;
    this.charge(session, ahead);
    const parts = await Promise.all(items.map((item) => this.#answerOne(session, item)));
    const refused = parts.reduce((sum, part) => sum + part.refused, 0);
    const cost = refused === 0 ? 0 : refused + Math.floor(bytes / BYTES_AS_ONE);
    const owed = this.charge(session, cost - ahead);
    const texts = parts.map(({ text }) => text).join(',');
    return { text: incoming.kind === 'single' ? texts : `[${texts}]`, hold: refused === 0 ? 0 : owed };
  }

  /** Milliseconds to wait before so much is begun at once; 0 for little, and for a caller that owes nothing. */
  wait(session: Session<Peer>, weight: number): number {
    return weight > LITTLE ? this.charge(session, 0) : 0;
  }

  /**
   * Counts what cost as much as so many refusals; milliseconds in which nothing more should be read of this caller. 0
   * only asks.
   */
  charge({ peer }: Session<Peer>, refusals: number): number {
    return this.#refusals.spend(peer.uid, refusals, performance.now());
  }

  async #answerOne(session: Session<Peer>, item: RpcRequest | RpcRejection): Promise<Part> {
    if ('error' in item) return { text: errorText(item.id, item.error), refused: 1 };
    const { uid } = session.peer;
    const requestId = this.#ids.next();
    const weight = requestWeight(item.method, item.params);
    const refusal = this.#closing
      ? overloaded('the daemon is shutting down', 'connect again')
      : this.#quotas.begin(uid, weight);
    if (refusal !== null) return { text: errorText(item.id, toWireError(refusal, requestId)), refused: 1 };
    let refused = 0;
    try {
      const { peer, connection } = session;
      const result = await this.#route({
        method: item.method,
        params: item.params,
        peer,
        connection,
        requestId,
        refused: (count) => {
          refused += count;
        },
      });
      return { text: resultText(item.id, result), refused };
    } catch (error) {
      if (isDefect(error)) {
        this.#observe({ kind: 'failed', uid, request: requestId, method: item.method, error });
      }
      return { text: errorText(item.id, toWireError(error, requestId)), refused: refused + 1 };
    } finally {
      this.#quotas.end(uid, weight);
    }
  }
}

/** Neither a refusal nor a client that went away: somebody has to look at it. */
function isDefect(error: unknown): boolean {
  if (!(error instanceof ChanceryError)) return true;
  return error.code === 'INTERNAL' || (!isWireCode(error.code) && error.code !== 'ABORTED');
}
