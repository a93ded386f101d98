import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';

export type Body = { readonly text: string } | 'too-large' | 'not-utf8' | null;

/**
 * The body as text, `too-large` as soon as that is known (at the header when it declares a length), `not-utf8`, or
 * null when the client went away before its end. Time is bounded by the server's request timeout.
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Body> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > maxBytes) return Promise.resolve('too-large');
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxBytes) {
        chunks.length = 0;
        resolve('too-large');
        return;
      }
      chunks.push(chunk);
    });
    request.on('end', () => {
      const bytes = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
      // The request lives until it is answered, and these listeners with it.
      chunks.length = 0;
      resolve(isUtf8(bytes) ? { text: bytes.toString('utf8') } : 'not-utf8');
    });
    request.on('close', () => {
      resolve(null);
    });
    request.on('error', () => {
      resolve(null);
    });
  });
}
