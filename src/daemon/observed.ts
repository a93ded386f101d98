import { ChanceryError } from '../core/errors.js';
import type { Peer } from '../identity/peer.js';
import type { Request } from '../protocol/dispatch.js';
import type { Call, Route } from '../transport/call.js';
import type { Observers } from './events.js';

/** Wraps a socket's methods once with metrics and one log line a request. */
export function observed(
  socket: 'signer' | 'admin',
  dispatch: (request: Request<Call<Peer>>) => Promise<unknown>,
  { log, metrics }: Observers,
): Route<Peer> {
  return async (call) => {
    const { method, params, connection, requestId, peer } = call;
    const started = performance.now();
    const end = (code: string, error?: unknown): void => {
      const seconds = (performance.now() - started) / 1e3;
      // A method that does not exist is a caller's own word: it must not become a label or fill the log.
      const name = code === 'UNKNOWN_METHOD' ? 'unknown' : method;
      metrics.request(socket, name, code, seconds);
      const fields = {
        socket,
        request: requestId,
        connection: connection.id,
        uid: peer.uid,
        method: name,
        code,
        ms: Math.round(seconds * 1e6) / 1e3,
      };
      if (code === 'INTERNAL') log.error('request_failed', { ...fields, error: describe(error) });
      else log.info('request', fields);
    };
    try {
      const result = await dispatch({ method, params, transport: connection.kind, context: call });
      end('ok');
      return result;
    } catch (error) {
      end(error instanceof ChanceryError ? error.code : 'INTERNAL', error);
      throw error;
    }
  };
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
