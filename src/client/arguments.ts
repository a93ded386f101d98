import { encodeBase64 } from '../core/base64.js';
import { ChanceryError } from '../core/errors.js';

/** Agents in plain JavaScript have no types: what they pass is looked at before it is used. */

/** The request itself. Throws MALFORMED_REQUEST. */
export function givenRequest<T extends object>(request: T): T {
  const value: unknown = request;
  if (typeof value === 'object' && value !== null) return request;
  throw wrong('the request is an object with `key` and `transaction`', value);
}

/** A path alone would connect to the socket of the environment instead. Throws MALFORMED_REQUEST. */
export function givenOptions<T extends object>(options: T): T {
  const value: unknown = options;
  if (typeof value === 'object' && value !== null) return options;
  throw wrong('the options are an object', value, 'give the path of the socket as { socket }');
}

/** A number alone would be taken for no options, and its time for that of the session. Throws MALFORMED_REQUEST. */
export function givenCallOptions<T extends object>(options: T): T {
  const value: unknown = options;
  if (typeof value === 'object' && value !== null) return options;
  throw wrong('the options of a request are an object', value, 'give a time as { timeout: milliseconds }');
}

/** Throws MALFORMED_REQUEST. */
export function givenPath(path: string): string {
  const value: unknown = path;
  if (typeof value === 'string') return value;
  throw wrong('`socket` is a path', value, 'of a URL object, give fileURLToPath(url)');
}

/** Of something else only the timer of a request would find out, outside of every promise. Throws MALFORMED_REQUEST. */
export function givenSignal(signal: AbortSignal | undefined): AbortSignal | undefined {
  const value: unknown = signal ?? undefined;
  if (value === undefined || (typeof value === 'object' && value !== null && 'addEventListener' in value)) {
    return signal;
  }
  throw wrong('`signal` is an AbortSignal', value, 'of an AbortController, give its `signal`');
}

/** Base64 of a transaction's wire bytes, or of text as it is. Throws MALFORMED_REQUEST. */
export function toBase64(transaction: Uint8Array | string): string {
  if (typeof transaction === 'string') return transaction;
  if (isBytes(transaction)) return encodeBase64(transaction);
  throw wrong(
    'a transaction is its wire bytes or their base64',
    transaction,
    'serialize it, or use the wallet of chancery/web3js or the signer of chancery/kit',
  );
}

/** Several as `toBase64`. Throws MALFORMED_REQUEST. */
export function allToBase64(transactions: readonly (Uint8Array | string)[]): string[] {
  if (Array.isArray(transactions)) return transactions.map(toBase64);
  throw wrong('`transactions` is an array', transactions);
}

/** A public key as base58. Throws MALFORMED_REQUEST. */
export function givenAddress(publicKey: string): string {
  const value: unknown = publicKey;
  if (typeof value === 'string') return value;
  throw wrong('`publicKey` is base58 text', value, 'of a PublicKey object, give toBase58()');
}

/** By name and not by class: a Uint8Array of another realm (a test runner's, a worker's) is as good. */
function isBytes(value: unknown): value is Uint8Array {
  return Object.prototype.toString.call(value) === '[object Uint8Array]';
}

function wrong(message: string, value: unknown, hint?: string): ChanceryError {
  const got = value === null ? 'null' : Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`;
  return new ChanceryError('MALFORMED_REQUEST', `${message}, not ${got}`, { hint });
}
