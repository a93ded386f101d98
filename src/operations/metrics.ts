import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What a daemon counts that an alert may wait for. */
export interface Awaited {
  readonly events: readonly string[];
  readonly methods: Readonly<Record<'signer' | 'admin', readonly string[]>>;
}

/**
 * Prometheus metrics, one registry a daemon. Names follow the Prometheus conventions (base units, `_total`).
 *
 * What an alert waits for stands at zero from the beginning: a series that appears with its first event already at 1
 * has not increased, and what happens once, like a latch, would never be seen by `increase()`.
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #requests = new Counter({
    name: 'chancery_requests_total',
    help: 'Requests answered, by socket, method and result code (ok when it succeeded)',
    labelNames: ['socket', 'method', 'code'] as const,
    registers: [this.#registry],
  });
  readonly #seconds = new Histogram({
    name: 'chancery_request_seconds',
    help: 'Time from a parsed request to its answer',
    labelNames: ['method'] as const,
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [this.#registry],
  });
  readonly #events = new Counter({
    name: 'chancery_events_total',
    help: 'Things an operator should know of: host restarts, alerts, refused connections',
    labelNames: ['event'] as const,
    registers: [this.#registry],
  });

  constructor({ events, methods }: Awaited) {
    for (const event of events) this.#events.inc({ event }, 0);
    for (const socket of ['signer', 'admin'] as const) {
      for (const method of methods[socket]) this.#requests.inc({ socket, method, code: 'INTERNAL' }, 0);
    }
  }

  request(socket: 'signer' | 'admin', method: string, code: string, seconds: number): void {
    this.#requests.inc({ socket, method, code });
    this.#seconds.observe({ method }, seconds);
  }

  event(event: string): void {
    this.#events.inc({ event });
  }

  /** A figure read when metrics are scraped. */
  gauge(name: string, help: string, read: () => number): void {
    const gauge = new Gauge({
      name,
      help,
      registers: [this.#registry],
      collect: () => {
        gauge.set(read());
      },
    });
  }

  /** Prometheus text exposition. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
