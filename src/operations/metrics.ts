import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { HealthReport } from './health.js';

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
  readonly #ready = new Gauge({
    name: 'chancery_ready',
    help: 'Whether anything can be signed, as /readyz says: 1 or 0',
    registers: [this.#registry],
  });
  readonly #ailments = new Gauge({
    name: 'chancery_ailments',
    help: 'What is not well now, as /healthz lists it, by part and error code',
    labelNames: ['component', 'code'] as const,
    registers: [this.#registry],
  });
  readonly #ailed = new Map<string, { readonly component: string; readonly code: string }>();

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

  /**
   * Prometheus text exposition, with how things stand now. What ailed once stays at zero when it is well again: a line
   * that ends says nothing, and there are no more of them than parts and error codes.
   */
  text({ status, ailments }: HealthReport): Promise<string> {
    this.#ready.set(status === 'stopped' ? 0 : 1);
    for (const labels of this.#ailed.values()) this.#ailments.set(labels, 0);
    for (const { component, code } of ailments) {
      const labels = { component, code };
      this.#ailed.set(`${component} ${code}`, labels);
      this.#ailments.inc(labels);
    }
    return this.#registry.metrics();
  }
}
