import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { ChanceryError } from '../core/errors.js';
import { errorText } from '../protocol/envelope.js';
import { PROTOCOL_HEADER, PROTOCOL_VERSION } from '../protocol/version.js';
import { toWireError } from '../protocol/wire-error.js';

/** A refusal below JSON-RPC: it has an HTTP status, and still a JSON-RPC body, so that every client can read it. */
export interface HttpRefusal {
  readonly status: 400 | 403 | 404 | 405 | 408 | 413 | 415 | 431 | 503;
  readonly error: ChanceryError;
}

export function httpRefusal(status: HttpRefusal['status'], message: string, hint: string): HttpRefusal {
  return { status, error: new ChanceryError('MALFORMED_REQUEST', message, { hint }) };
}

export function sendText(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    [PROTOCOL_HEADER]: PROTOCOL_VERSION,
  });
  response.end(body);
}

/** The connection ends after it. */
export function sendRefusal(response: ServerResponse, { status, error }: HttpRefusal): void {
  response.shouldKeepAlive = false;
  sendText(response, status, 'application/json', errorText(null, toWireError(error)));
}

/** How long a refused client has to read why. */
const LINGER_MS = 1000;

/**
 * The same on the socket itself, and reading on for a while: a server that closes while the client still sends a body
 * of 10 MB resets it before it can read why. Nothing that arrives is kept.
 */
export function writeRefusal(socket: Duplex, { status, error }: HttpRefusal): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = errorText(null, toWireError(error));
  const head = [
    `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}`,
    'content-type: application/json',
    `content-length: ${String(Buffer.byteLength(body))}`,
    `${PROTOCOL_HEADER}: ${PROTOCOL_VERSION}`,
    'connection: close',
  ];
  socket.on('error', () => socket.destroy());
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  dropTheRest(socket);
  socket.resume();
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

/**
 * Nothing more of what arrives is parsed. A body that nobody reads would stop the connection when 16 KiB of it are kept,
 * with its client still sending; in chunks of one byte they take 4 MB, and requests behind a refused one are kept too.
 */
export function dropTheRest(socket: Duplex): void {
  socket.removeAllListeners('data');
  socket.on('data', () => undefined);
}
