import type { z } from 'zod';
import { ChanceryError } from '../core/errors.js';
import { failureSchema } from './host-protocol.js';

/**
 * A reply of the host, which shares its process with a vendor's module: checked like any input. Throws the failure
 * it reports, or HSM_UNAVAILABLE when it is no reply at all.
 */
export function readReply<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const failed = failureSchema.safeParse(value);
  if (failed.success) {
    const { code, message, hint } = failed.data;
    throw new ChanceryError(code, message, { hint: hint ?? undefined });
  }
  const reply = schema.safeParse(value);
  if (reply.success) return reply.data;
  throw new ChanceryError('HSM_UNAVAILABLE', 'the HSM host answered something that is no reply');
}
