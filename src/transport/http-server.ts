import { createServer, type Server as HttpServer } from 'node:http';
import { httpRefusal, type HttpRefusal } from './http-answer.js';
import type { TransportLimits } from './limits.js';

const MAX_HEADER_BYTES = 8 * 1024;
const MAX_HEADERS = 64;
/** How often Node looks for requests that take too long, ms. */
const TIMEOUT_CHECK = 1000;

/** Node's HTTP server with every bound that it knows; whom it listens to and what it answers is the caller's. */
export function newHttpServer(limits: TransportLimits): HttpServer {
  const http = createServer({
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: limits.headersTimeout,
    requestTimeout: limits.requestTimeout,
    keepAliveTimeout: limits.idleTimeout,
    connectionsCheckingInterval: TIMEOUT_CHECK,
    noDelay: false,
    insecureHTTPParser: false,
    // A Unix socket is no host. Node refuses with an empty answer, and has what is pipelined behind it carried out.
    requireHostHeader: false,
  });
  http.maxHeadersCount = MAX_HEADERS;
  // Without progress in either direction: a client that neither sends nor reads.
  http.timeout = limits.idleTimeout + limits.requestTimeout;
  return http;
}

/** What is said to bytes that its parser refuses, or that took too long. */
export function malformedHttp(error: NodeJS.ErrnoException): HttpRefusal {
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return httpRefusal(
      408,
      'the request took too long to arrive',
      'send it at once, or close the connection',
    );
  }
  if (error.code === 'HPE_HEADER_OVERFLOW') {
    return httpRefusal(
      431,
      'the headers are too large',
      `send at most ${String(MAX_HEADER_BYTES)} bytes of headers`,
    );
  }
  return httpRefusal(400, 'this is not HTTP/1.1', 'speak HTTP/1.1 or WebSocket');
}
