/** Who is at the other end of a connection, as far as the transport needs to know. */
export interface TransportPeer {
  /** Quotas are counted by it. */
  readonly uid: number;
  close(): void;
}

/**
 * One connection is one caller. Its identity is stable for its life, so a WeakMap keyed by it holds what belongs to
 * a session (nonce, possession): nothing survives the connection.
 */
export interface Connection {
  /** For logs. */
  readonly id: string;
  readonly kind: 'http' | 'websocket';
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
  /**
   * Sends a JSON-RPC notification (no id). False when it cannot be sent: HTTP, closed, or a client that does not
   * read, which is then cut off.
   */
  notify(method: string, params: unknown): boolean;
}

/** One JSON-RPC request whose envelope is well formed; method and params are still the caller's words. */
export interface Call<Peer extends TransportPeer> {
  readonly method: string;
  readonly params: unknown;
  readonly peer: Peer;
  readonly connection: Connection;
  /** Made by the daemon, 16 hex digits: in the reply, the ledger and the log. */
  readonly requestId: string;
  /**
   * Told how many parts of a result are refusals, or how many refusals an error costs more, or a result that gains its
   * caller nothing: they are counted as errors are.
   */
  refused(count: number): void;
}

/** Answers a call: resolves to the JSON-RPC result, rejects with ChanceryError (anything else is INTERNAL). */
export type Route<Peer extends TransportPeer> = (call: Call<Peer>) => Promise<unknown>;

/** A read for people and monitors: `GET` on the same socket. */
export interface Page {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export type Pages<Peer extends TransportPeer> = ReadonlyMap<string, (peer: Peer) => Promise<Page>>;
