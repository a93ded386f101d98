import { encodeBase64 } from '../core/base64.js';
import { ChanceryError } from '../core/errors.js';

/** Longer answers are no list of cosignatures. */
const MAX_ANSWER_BYTES = 64 * 1024;
const TIMEOUT_MS = 10_000;

export type WitnessAnswer =
  /** Note signature lines, not yet verified. */
  | { readonly kind: 'cosigned'; readonly lines: string }
  /** The witness last cosigned a checkpoint of so many entries. */
  | { readonly kind: 'conflict'; readonly size: number };

export interface AddCheckpoint {
  /** Submission prefix of the witness. */
  readonly url: string;
  /** Entries of the checkpoint that it cosigned last, as far as we know. */
  readonly old: number;
  /** RFC 6962 consistency proof from `old`; empty from 0. */
  readonly proof: readonly Uint8Array[];
  /** The signed checkpoint. */
  readonly note: string;
}

/** One `add-checkpoint` of C2SP tlog-witness. Throws TIMEOUT, RESPONSE_INVALID. */
export async function addCheckpoint({ url, old, proof, note }: AddCheckpoint): Promise<WitnessAnswer> {
  const body = `old ${String(old)}\n${proof.map((hash) => `${encodeBase64(hash)}\n`).join('')}\n${note}`;
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${url.replace(/\/$/, '')}/add-checkpoint`, {
      method: 'POST',
      body,
      // A witness is where the policy says, not where an answer points.
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    text = await bounded(response);
  } catch (cause) {
    if (cause instanceof ChanceryError) throw cause;
    throw new ChanceryError('TIMEOUT', `the witness at ${url} does not answer`, { cause });
  }
  if (response.status === 200) return { kind: 'cosigned', lines: text };
  const size = /^(0|[1-9]\d{0,14})\n$/.exec(text)?.[1];
  if (response.status === 409 && size !== undefined) return { kind: 'conflict', size: Number(size) };
  throw new ChanceryError('RESPONSE_INVALID', `the witness at ${url} answered ${String(response.status)}`, {
    hint: '404: it does not know this ledger; 403: nor its key; 422: the ledger does not continue what it saw',
  });
}

async function bounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // The type of a body stream in Node's library has no async iterator of bytes.
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > MAX_ANSWER_BYTES)
      throw new ChanceryError('RESPONSE_INVALID', 'the witness answers too much');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
