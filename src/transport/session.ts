import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Connection, TransportPeer } from './call.js';

/** A connection as the transport keeps it. */
export interface Session<Peer extends TransportPeer> {
  readonly id: string;
  readonly peer: Peer;
  readonly abort: AbortController;
  connection: Connection;
  /** HTTP requests whose answers have not gone out; all but the last have been read to their end. */
  readonly unanswered: Set<IncomingMessage>;
  /** An upgrade that came behind them, to be done when they are answered. */
  upgrade: (() => void) | null;
  /** Something was refused below JSON-RPC: what else the connection brings is not answered, and it ends. */
  refused: boolean;
  /** An HTTP answer waits because this caller is refused too fast. */
  held: boolean;
}

/**
 * Notes that a request is to be answered. From its head on: what is pipelined behind it may be parsed before anybody
 * hears that its body has ended.
 */
export function expectAnswer<Peer extends TransportPeer>(
  session: Session<Peer>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  session.unanswered.add(request);
  response.once('close', () => {
    session.unanswered.delete(request);
    if (session.refused) {
      if (!owesAnswer(session)) request.socket.end();
    } else if (session.unanswered.size === 0) session.upgrade?.();
  });
}

/** Whether a request other than `except` was read to its end and not answered. */
export function owesAnswer<Peer extends TransportPeer>(
  session: Session<Peer>,
  except?: IncomingMessage,
): boolean {
  return [...session.unanswered].some((request) => request.complete && request !== except);
}

/** Upgrades when every answer is out: behind the switch of protocols one would lie between its frames. */
export function afterAnswers<Peer extends TransportPeer>(
  session: Session<Peer>,
  socket: Duplex,
  upgrade: () => void,
): void {
  if (session.unanswered.size === 0) {
    upgrade();
    return;
  }
  session.upgrade = upgrade;
  // Node listens no longer, and nobody else does yet.
  socket.on('error', () => socket.destroy());
  socket.on('timeout', () => socket.destroy());
}

export function httpConnection(id: string, signal: AbortSignal): Connection {
  return { id, kind: 'http', signal, notify: () => false };
}
