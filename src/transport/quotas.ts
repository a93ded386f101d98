import { ChanceryError } from '../core/errors.js';
import type { TransportLimits } from './limits.js';

/** Counts per uid and in all; an entry lives only while its count is above zero. */
class Tally {
  total = 0;
  readonly #byUid = new Map<number, number>();

  of(uid: number): number {
    return this.#byUid.get(uid) ?? 0;
  }

  add(uid: number, amount: number): void {
    this.total += amount;
    const count = this.of(uid) + amount;
    if (count === 0) this.#byUid.delete(uid);
    else this.#byUid.set(uid, count);
  }
}

/** Connections and requests in flight, bounded in all and per uid: one uid cannot crowd out the others. */
export class Quotas {
  readonly #limits: TransportLimits;
  readonly #connections = new Tally();
  readonly #requests = new Tally();

  constructor(limits: TransportLimits) {
    this.#limits = limits;
  }

  get connections(): number {
    return this.#connections.total;
  }

  get requests(): number {
    return this.#requests.total;
  }

  /** Takes one connection, or OVERLOADED. */
  connect(uid: number): ChanceryError | null {
    const { maxConnections, maxConnectionsPerUid } = this.#limits;
    if (this.#connections.of(uid) >= maxConnectionsPerUid) {
      return overloaded(
        `uid ${String(uid)} already has ${String(maxConnectionsPerUid)} connections`,
        KEEP_ONE,
      );
    }
    if (this.#connections.total >= maxConnections) {
      return overloaded(`the daemon already has ${String(maxConnections)} connections`, RETRY);
    }
    this.#connections.add(uid, 1);
    return null;
  }

  disconnect(uid: number): void {
    this.#connections.add(uid, -1);
  }

  /** Takes what one request weighs of those in flight, or OVERLOADED. */
  begin(uid: number, weight: number): ChanceryError | null {
    const { maxInFlight, maxInFlightPerUid } = this.#limits;
    const own = this.#requests.of(uid);
    if (own + weight > maxInFlightPerUid) {
      return overloaded(
        `uid ${String(uid)} has ${String(own)} requests in flight; ${more(weight)} would pass the ${String(maxInFlightPerUid)} it may have`,
        WAIT,
      );
    }
    const { total } = this.#requests;
    if (total + weight > maxInFlight) {
      return overloaded(
        `the daemon has ${String(total)} requests in flight; ${more(weight)} would pass the ${String(maxInFlight)} it takes`,
        RETRY,
      );
    }
    this.#requests.add(uid, weight);
    return null;
  }

  end(uid: number, weight: number): void {
    this.#requests.add(uid, -weight);
  }
}

function more(weight: number): string {
  return weight === 1 ? 'one more' : `${String(weight)} more`;
}

const KEEP_ONE = 'keep one connection and send requests over it; close those not in use';
const WAIT = 'wait for answers before sending more';
const RETRY = 'try again after a second, then less often';

export function overloaded(message: string, hint: string): ChanceryError {
  return new ChanceryError('OVERLOADED', message, { hint });
}
