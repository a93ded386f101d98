import { EVENT_NOTIFICATION, type Topic } from '../protocol/admin-methods.js';
import type { Connection } from '../transport/call.js';

/** Operators' connections that want to be told. A client that does not read is cut off by the transport. */
export class Subscriptions {
  readonly #topics = new Map<Connection, ReadonlySet<Topic>>();

  /** Replaces an earlier choice of the connection. */
  follow(connection: Connection, topics: readonly Topic[]): void {
    // It ended while its request waited, and will not end again.
    if (connection.signal.aborted) return;
    if (!this.#topics.has(connection)) {
      connection.signal.addEventListener('abort', () => this.#topics.delete(connection), { once: true });
    }
    this.#topics.set(connection, new Set(topics));
  }

  /** Whether anybody wants to be told anything: what is told costs every request something. */
  get followed(): boolean {
    return this.#topics.size > 0;
  }

  publish(topic: Topic, event: Record<string, unknown>): void {
    for (const [connection, topics] of this.#topics) {
      if (topics.has(topic) && !connection.notify(EVENT_NOTIFICATION, { topic, event })) {
        this.#topics.delete(connection);
      }
    }
  }
}
