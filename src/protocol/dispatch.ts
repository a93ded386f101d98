import { ChanceryError } from '../core/errors.js';
import { nearest } from '../core/nearest.js';
import { issueSentence, quote } from '../core/schema.js';
import type { MethodTable, ParamsOf, ResultOf } from './method.js';

/** A function for each method that this daemon serves; `Context` is whatever the daemon passes through. */
export type Handlers<Table extends MethodTable, Context> = {
  readonly [Name in keyof Table]?: (
    params: ParamsOf<Table[Name]>,
    context: Context,
  ) => Promise<ResultOf<Table[Name]>> | ResultOf<Table[Name]>;
};

export interface Request<Context> {
  readonly method: string;
  readonly params: unknown;
  readonly transport: 'http' | 'websocket';
  readonly context: Context;
}

/**
 * Checks the params of a request against the table and calls its handler. Rejects with UNKNOWN_METHOD (naming the
 * nearest), MALFORMED_REQUEST (naming the field), or whatever the handler throws.
 */
export function dispatcher<Table extends MethodTable, Context>(
  table: Table,
  handlers: Handlers<Table, Context>,
): (request: Request<Context>) => Promise<unknown> {
  const served = new Map<string, Bound<Context>>();
  for (const name of Object.keys(table)) {
    const bound = bind(name, table, handlers);
    if (bound !== null) served.set(name, bound);
  }
  const names = [...served.keys()];
  return (request) => {
    const call = served.get(request.method);
    if (call === undefined) return Promise.reject(unknownMethod(request.method, names));
    return call(request.params, request);
  };
}

type Bound<Context> = (params: unknown, request: Request<Context>) => Promise<unknown>;

function bind<Table extends MethodTable, Context>(
  name: keyof Table & string,
  table: Table,
  handlers: Handlers<Table, Context>,
): Bound<Context> | null {
  const method = table[name];
  const handler = handlers[name];
  if (method === undefined || handler === undefined) return null;
  return async (params, request) => {
    if (method.websocketOnly === true && request.transport === 'http') {
      throw new ChanceryError(
        'MALFORMED_REQUEST',
        `${name} needs a WebSocket: what it opens lasts for a connection`,
        {
          hint: 'connect by WebSocket to the same socket',
        },
      );
    }
    const parsed = method.params.safeParse(params);
    if (!parsed.success) {
      throw new ChanceryError('MALFORMED_REQUEST', `params of ${name}: ${issueSentence(parsed.error)}`, {
        hint: `docs/protocol.md describes ${name}`,
      });
    }
    // The schema that made the value is the one the handler's type is inferred from.
    return await handler(parsed.data as ParamsOf<Table[typeof name]>, request.context);
  };
}

function unknownMethod(method: string, names: readonly string[]): ChanceryError {
  const near = nearest(method, names);
  return new ChanceryError('UNKNOWN_METHOD', `there is no method ${quote(method)} on this socket`, {
    hint: near === null ? `methods here: ${names.join(', ')}` : `did you mean ${near}?`,
  });
}
