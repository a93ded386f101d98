/** Everything a client could make grow is bounded here. Bytes, counts, milliseconds. */
export interface TransportLimits {
  /** One HTTP body or WebSocket message. */
  readonly maxRequestBytes: number;
  /** What may wait unread towards one client before it is cut off. */
  readonly maxUnreadBytes: number;
  readonly maxConnections: number;
  readonly maxConnectionsPerUid: number;
  /** Requests being answered; a batch counts its items. Above, a WebSocket is not read further. */
  readonly maxInFlightPerConnection: number;
  /** Above, OVERLOADED. */
  readonly maxInFlightPerUid: number;
  readonly maxInFlight: number;
  /** Of one uid; further ones are not read before it is their time. */
  readonly connectionsPerSecond: number;
  readonly connectionsAtOnce: number;
  /** Of one uid; further ones are answered late. One that came with many bytes counts for several. */
  readonly refusalsPerSecond: number;
  readonly refusalsAtOnce: number;
  /** From the first byte (or the connection) to the end of the HTTP headers. */
  readonly headersTimeout: number;
  /** From the first byte to the end of an HTTP request. */
  readonly requestTimeout: number;
  /** An HTTP connection without a request. */
  readonly idleTimeout: number;
  /** A silent WebSocket is asked for a pong after this, and closed when as much passes again without a frame. */
  readonly heartbeat: number;
}

export const DEFAULT_LIMITS: TransportLimits = {
  maxRequestBytes: 512 * 1024,
  maxUnreadBytes: 1024 * 1024,
  maxConnections: 1024,
  maxConnectionsPerUid: 256,
  maxInFlightPerConnection: 128,
  maxInFlightPerUid: 512,
  maxInFlight: 1024,
  connectionsPerSecond: 200,
  connectionsAtOnce: 64,
  refusalsPerSecond: 500,
  refusalsAtOnce: 64,
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  idleTimeout: 60_000,
  heartbeat: 60_000,
};
