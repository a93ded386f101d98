import type { Connection, TransportPeer } from './call.js';

/** A connection as the transport keeps it. */
export interface Session<Peer extends TransportPeer> {
  readonly id: string;
  readonly peer: Peer;
  readonly abort: AbortController;
  connection: Connection;
  /** Requests of this connection being answered, by weight. */
  inFlight: number;
  /** HTTP requests read to their end whose answers have not gone out. */
  owed: number;
  /** Something was refused below JSON-RPC: what else the connection brings is not answered, and it ends. */
  refused: boolean;
  /** An HTTP answer waits because this caller is refused too fast. */
  held: boolean;
}

export function httpConnection(id: string, signal: AbortSignal): Connection {
  return { id, kind: 'http', signal, notify: () => false };
}
