import type { z } from 'zod';

/** One method: what it takes, what it gives, and for whom it is written down. */
export interface Method<Params extends z.ZodType = z.ZodType, Result extends z.ZodType = z.ZodType> {
  /** Strict: an unknown field is an error. */
  readonly params: Params;
  /** Read by clients, which skip fields they do not know. */
  readonly result: Result;
  /** One sentence for the protocol documents. */
  readonly summary: string;
  /** Needs a connection that outlives the request. */
  readonly websocketOnly?: true;
}

export type MethodTable = Readonly<Record<string, Method>>;

/** What a caller sends and gets; what a handler takes and gives. */
export type ParamsOf<M extends Method> = z.output<M['params']>;
export type ResultOf<M extends Method> = z.output<M['result']>;
/** What a client may leave out. */
export type ParamsInput<M extends Method> = z.input<M['params']>;

/** Keeps the literal types of the two schemas. */
export function method<Params extends z.ZodType, Result extends z.ZodType>(
  definition: Method<Params, Result>,
): Method<Params, Result> {
  return definition;
}
