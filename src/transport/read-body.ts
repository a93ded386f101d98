import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';

export type Body = { readonly text: string } | 'too-large' | 'not-utf8' | null;

const NOTHING = Buffer.alloc(0);

/**
 * The body as text, `too-large` as soon as that is known (at the header when it declares a length), `not-utf8`, or
 * null when the client went away before its end. Time is bounded by the server's request timeout, memory by twice
 * the bytes: chunks kept as they come would take a hundred bytes for each of one.
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Body> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > maxBytes) return Promise.resolve('too-large');
  return new Promise((resolve) => {
    let bytes: Buffer = NOTHING;
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      const before = length;
      length += chunk.length;
      if (length > maxBytes) {
        bytes = NOTHING;
        resolve('too-large');
        return;
      }
      if (before === 0) {
        // Most bodies are one chunk, and need no copy.
        bytes = chunk;
        return;
      }
      if (length > bytes.length) {
        const grown = Buffer.allocUnsafe(2 * length);
        bytes.copy(grown, 0, 0, before);
        bytes = grown;
      }
      chunk.copy(bytes, before);
    });
    request.on('end', () => {
      const body = bytes.subarray(0, length);
      // The request lives until it is answered, and these listeners with it.
      bytes = NOTHING;
      resolve(isUtf8(body) ? { text: body.toString('utf8') } : 'not-utf8');
    });
    request.on('close', () => {
      resolve(null);
    });
    request.on('error', () => {
      resolve(null);
    });
  });
}
