import { ChanceryError } from '../core/errors.js';
import type { Envelope } from '../sovereign/envelope.js';
import { writePayload, type Then } from './statement-files.js';

/** Who signs: keys of this machine now, or others, of whom it is only requested. */
export interface SigningOptions {
  readonly identity?: readonly string[];
  readonly request?: string;
}

/**
 * With `--request` only writes what is to be signed, and null; else what `sign` makes of it with every `--identity`.
 * Throws USAGE for neither.
 */
export async function requestOrSign(
  { identity, request }: SigningOptions,
  payload: Uint8Array,
  then: Then,
  sign: (identities: readonly string[]) => Promise<Envelope>,
): Promise<Envelope | null> {
  if (request !== undefined) {
    await writePayload(request, payload, then);
    return null;
  }
  if (identity !== undefined) return await sign(identity);
  throw new ChanceryError('USAGE', 'say who signs: --identity KEYFILE, or --request FILE');
}
