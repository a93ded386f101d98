import { codeOf } from '../core/errors.js';
import type { Peer } from '../identity/peer.js';
import type { Request } from '../protocol/dispatch.js';
import type { Call, Route } from '../transport/call.js';
import type { Observers } from './observers.js';

/** What somebody asked for, and who. */
export type Asked = Pick<Call<Peer>, 'method' | 'requestId' | 'connection' | 'peer'>;

/** Does what was asked for, with metrics and one log line. Throws what `work` throws. */
export type Observe = <Result>(asked: Asked, work: () => Promise<Result>) => Promise<Result>;

export function observer(socket: 'signer' | 'admin', { log, metrics }: Observers): Observe {
  return async ({ method, connection, requestId, peer }, work) => {
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
      const result = await work();
      end('ok');
      return result;
    } catch (error) {
      end(codeOf(error), error);
      throw error;
    }
  };
}

/** Wraps a socket's methods once. */
export function observed(
  observe: Observe,
  dispatch: (request: Request<Call<Peer>>) => Promise<unknown>,
): Route<Peer> {
  return (call) => {
    const { method, params, connection } = call;
    return observe(call, () => dispatch({ method, params, transport: connection.kind, context: call }));
  };
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
