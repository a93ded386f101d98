import { encodeBase64 } from '../core/base64.js';
import { ChanceryError } from '../core/errors.js';
import { post } from '../net/post.js';

/** Longer answers are no list of cosignatures. */
const MAX_ANSWER_BYTES = 64 * 1024;
const TIMEOUT_MS = 10_000;

export type WitnessAnswer =
  /** Note signature lines, not yet verified. */
  | { readonly kind: 'cosigned'; readonly lines: string }
  /** The witness last cosigned a checkpoint of so many entries. */
  | { readonly kind: 'conflict'; readonly size: number };

export interface AddCheckpoint {
  /** Who is asked, for messages, which go to a journal: the URL may hold an access key. */
  readonly who: string;
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
export async function addCheckpoint({ who, url, old, proof, note }: AddCheckpoint): Promise<WitnessAnswer> {
  const body = `old ${String(old)}\n${proof.map((hash) => `${encodeBase64(hash)}\n`).join('')}\n${note}`;
  const { status, text } = await post({
    url: `${url.replace(/\/$/, '')}/add-checkpoint`,
    who,
    body,
    maxBytes: MAX_ANSWER_BYTES,
    timeout: TIMEOUT_MS,
  });
  if (status === 200) return { kind: 'cosigned', lines: text };
  const size = /^(0|[1-9]\d{0,14})\n$/.exec(text)?.[1];
  if (status === 409 && size !== undefined) return { kind: 'conflict', size: Number(size) };
  throw new ChanceryError('RESPONSE_INVALID', `${who} answered ${String(status)}`, {
    hint: '404: it does not know this ledger; 403: nor its key; 422: the ledger does not continue what it saw',
  });
}
