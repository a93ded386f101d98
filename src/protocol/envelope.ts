import { ChanceryError } from '../core/errors.js';
import { nestsDeeper } from '../core/json-depth.js';
import { quote } from '../core/schema.js';
import { PARSE_ERROR } from './codes.js';
import { toWireError, type WireError } from './wire-error.js';

/** Requests in one batch. */
export const MAX_BATCH = 64;
/** Objects and arrays inside each other; the deepest request there is needs 7. */
const MAX_DEPTH = 32;
/** Shorter texts cannot nest deep enough to cost anything. */
const SHORT = 4096;
const MAX_ID_LENGTH = 128;
const MAX_METHOD_LENGTH = 64;

export type RequestId = string | number;

/** One JSON-RPC request with a sound envelope; method and params are still the caller's words. */
export interface RpcRequest {
  readonly id: RequestId;
  readonly method: string;
  /** `{}` when absent. */
  readonly params: unknown;
}

/** One request that is not, with the id to answer under when it had a usable one. */
export interface RpcRejection {
  readonly id: RequestId | null;
  readonly error: WireError;
}

export type Incoming =
  | { readonly kind: 'single'; readonly item: RpcRequest | RpcRejection }
  | { readonly kind: 'batch'; readonly items: readonly (RpcRequest | RpcRejection)[] };

/**
 * Reads one HTTP body or WebSocket message. Never throws: what cannot be read is a rejection with
 * MALFORMED_REQUEST. Stricter than JSON-RPC 2.0 in one way: a request without an id (a notification) is refused,
 * since nobody would get the signature that its limits paid for.
 */
export function readIncoming(text: string): Incoming {
  if (text.length > SHORT && nestsDeeper(text, MAX_DEPTH)) {
    const error = malformed(`the request nests deeper than ${String(MAX_DEPTH)}`);
    return { kind: 'single', item: { id: null, error } };
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const error = { ...malformed('the request is not JSON'), code: PARSE_ERROR };
    return { kind: 'single', item: { id: null, error } };
  }
  if (!Array.isArray(value)) return { kind: 'single', item: readRequest(value) };
  if (value.length === 0 || value.length > MAX_BATCH) {
    const error = malformed(
      `a batch holds 1 to ${String(MAX_BATCH)} requests, this one ${String(value.length)}`,
    );
    return { kind: 'single', item: { id: null, error } };
  }
  return { kind: 'batch', items: value.map(readRequest) };
}

const FIELDS: ReadonlySet<string> = new Set(['jsonrpc', 'id', 'method', 'params']);

function readRequest(value: unknown): RpcRequest | RpcRejection {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return reject(null, 'a request is a JSON object');
  }
  const { jsonrpc, id, method, params = {} } = value as Partial<Record<string, unknown>>;
  if (!isRequestId(id)) {
    return reject(
      null,
      'id must be a string of at most 128 characters or a safe integer; notifications are not answered and refused',
    );
  }
  if (jsonrpc !== '2.0') return reject(id, 'jsonrpc must be "2.0"');
  if (typeof method !== 'string' || method.length > MAX_METHOD_LENGTH) {
    return reject(id, `method must be a string of at most ${String(MAX_METHOD_LENGTH)} characters`);
  }
  if (typeof params !== 'object' || params === null || Array.isArray(params)) {
    return reject(id, 'params must be a JSON object: arguments have names');
  }
  for (const field of Object.keys(value)) {
    if (!FIELDS.has(field))
      return reject(id, `unknown field ${quote(field)} beside jsonrpc, id, method and params`);
  }
  return { id, method, params };
}

function isRequestId(id: unknown): id is RequestId {
  return typeof id === 'string' ? id.length <= MAX_ID_LENGTH : Number.isSafeInteger(id);
}

function reject(id: RequestId | null, message: string): RpcRejection {
  return { id, error: malformed(message) };
}

function malformed(message: string): WireError {
  return toWireError(
    new ChanceryError('MALFORMED_REQUEST', message, {
      hint: 'send {"jsonrpc":"2.0","id":1,"method":"…","params":{…}}',
    }),
  );
}

/** The text of one answer. */
export function resultText(id: RequestId, result: unknown): string {
  // A handler without a result answers null: JSON-RPC requires the field.
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${JSON.stringify(result ?? null)}}`;
}

export function errorText(id: RequestId | null, error: WireError): string {
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"error":${JSON.stringify(error)}}`;
}

export function notificationText(method: string, params: unknown): string {
  return JSON.stringify({ jsonrpc: '2.0', method, params });
}
