import { ChanceryError } from '../core/errors.js';

export interface Post {
  readonly url: string;
  /** Who answers, for messages: never the address itself, which may hold an access key. */
  readonly who: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Of the answer, once decompressed. */
  readonly maxBytes: number;
  /** Milliseconds for all of it, to the last byte of the answer. */
  readonly timeout: number;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/**
 * One POST, bounded in time and in the size of its answer. Redirects are not followed: who is asked is where the
 * operator or the policy says, not where an answer points. Throws TIMEOUT, RESPONSE_INVALID.
 */
export async function post({ url, who, body, headers, maxBytes, timeout }: Post): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      body,
      ...(headers === undefined ? {} : { headers }),
      redirect: 'error',
      signal: AbortSignal.timeout(timeout),
    });
    return { status: response.status, text: await bounded(response, who, maxBytes) };
  } catch (cause) {
    if (cause instanceof ChanceryError) throw cause;
    throw new ChanceryError('TIMEOUT', `${who} does not answer, or points elsewhere`, { cause });
  }
}

async function bounded(response: Response, who: string, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // The type of a body stream in Node's library has no async iterator of bytes.
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > maxBytes) throw new ChanceryError('RESPONSE_INVALID', `${who} answers too much`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
