import { z } from 'zod';
import { decodeBase64 } from '../core/base64.js';
import { ChanceryError } from '../core/errors.js';
import { parseAddress, type Pubkey } from '../core/pubkey.js';
import type { Endpoint } from './endpoint.js';
import { post } from './post.js';

/** An account as an endpoint tells it. */
export interface Account {
  readonly owner: Pubkey;
  readonly data: Uint8Array;
  /** The slot the answer is about; null when the source does not say. */
  readonly slot: number | null;
}

/** A full lookup table is 8,248 bytes, 11 kB in base64. */
const MAX_ANSWER_BYTES = 64 * 1024;
const TIMEOUT_MS = 10_000;
const ID = 'chancery';

const accountSchema = z.object({
  owner: z.string(),
  executable: z.literal(false),
  data: z.tuple([z.string(), z.literal('base64')]),
});

const answerSchema = z.object({
  id: z.unknown(),
  result: z.object({ context: z.object({ slot: z.int().min(0) }), value: accountSchema.nullable() }),
});

/** What `solana account ADDRESS --output json` prints. */
const printedSchema = z.object({ account: accountSchema });

/**
 * `getAccountInfo` of one endpoint, at the finalized commitment: what a fork could still take back is not pinned.
 * Throws TIMEOUT; RESPONSE_INVALID, also when there is no such account.
 */
export async function fetchAccount({ url, name }: Endpoint, address: string): Promise<Account> {
  const params = [address, { encoding: 'base64', commitment: 'finalized' }];
  const { status, text } = await post({
    url,
    who: name,
    body: JSON.stringify({ jsonrpc: '2.0', id: ID, method: 'getAccountInfo', params }),
    headers: { 'content-type': 'application/json' },
    maxBytes: MAX_ANSWER_BYTES,
    timeout: TIMEOUT_MS,
  });
  if (status !== 200) throw new ChanceryError('RESPONSE_INVALID', `${name} answered ${String(status)}`);
  return readAccount(text, name, ID);
}

/**
 * An answer of `getAccountInfo`, or the output of `solana account`, kept in a file. With `id`, only the answer to that
 * question. Throws RESPONSE_INVALID.
 */
export function readAccount(text: string, source: string, id?: string): Account {
  const value = parseJson(text, source);
  const answer = answerSchema.safeParse(value);
  if (answer.success && (id === undefined || answer.data.id === id)) {
    const { context, value: found } = answer.data.result;
    if (found === null) throw new ChanceryError('RESPONSE_INVALID', `${source} has no such account`);
    return { ...account(found, source), slot: context.slot };
  }
  const printed = printedSchema.safeParse(value);
  if (printed.success) return { ...account(printed.data.account, source), slot: null };
  throw new ChanceryError('RESPONSE_INVALID', `${source} gives no account in base64`, {
    hint: 'expected an answer of getAccountInfo, or the output of: solana account ADDRESS --output json',
  });
}

function parseJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ChanceryError('RESPONSE_INVALID', `${source} gives no JSON`, { cause });
  }
}

function account({ owner, data }: z.infer<typeof accountSchema>, source: string): Omit<Account, 'slot'> {
  const program = parseAddress(owner);
  const bytes = decodeBase64(data[0]);
  if (program === null || bytes === null) {
    throw new ChanceryError('RESPONSE_INVALID', `${source} gives an account that cannot be read`);
  }
  return { owner: program, data: bytes };
}
