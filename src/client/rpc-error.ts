import { z } from 'zod';
import { ChanceryError, isWireCode, type Failure } from '../core/errors.js';
import { failure } from '../protocol/fields.js';

/** Loose: a daemon one minor version ahead may know codes and fields that we do not. */
const wireError = z.object({
  message: z.string(),
  data: z
    .object({
      code: z.string(),
      failures: z.array(z.unknown()).optional(),
      hint: z.string().optional(),
      request: z.string().optional(),
    })
    .optional(),
});

/**
 * The typed error for JSON-RPC's `error`. A code this version does not know becomes RESPONSE_INVALID with the
 * daemon's code and sentence in its message; failures that cannot be read are left out.
 */
export function rpcError(value: unknown): ChanceryError {
  const parsed = wireError.safeParse(value);
  if (!parsed.success) {
    return new ChanceryError('RESPONSE_INVALID', 'the daemon answered with an error that cannot be read');
  }
  const { message, data } = parsed.data;
  const failures = (data?.failures ?? []).flatMap((item) => readFailure(item));
  const options = { failures, hint: data?.hint, request: data?.request };
  const code = data?.code ?? 'none';
  return isWireCode(code)
    ? new ChanceryError(code, message, options)
    : new ChanceryError('RESPONSE_INVALID', `the daemon answered with the code ${code}: ${message}`, options);
}

function readFailure(value: unknown): Failure[] {
  const parsed = failure.safeParse(value);
  if (!parsed.success) return [];
  const present = Object.entries(parsed.data).filter(([, field]) => field !== undefined);
  return [{ ...Object.fromEntries(present), code: parsed.data.code, message: parsed.data.message }];
}
