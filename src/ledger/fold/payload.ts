import { z } from 'zod';
import { parseTime } from '../../core/clock.js';
import type { Envelope } from '../entries.js';
import type { AttestationScope } from '../state.js';

/**
 * The part of a statement's payload that the fold needs. Signatures, quorum, freshness and the full schema were
 * checked before the statement was appended; here the shape is checked again only so that a statement that
 * cannot be read stops the fold instead of being folded half.
 */
const time = z.string().transform((text, context) => {
  const ms = parseTime(text);
  if (ms !== null) return ms;
  context.addIssue('not an RFC 3339 time');
  return z.NEVER;
});

// Strict: a narrowing that is not known here must never be dropped in silence.
const scope = z.strictObject({
  limits: z.array(z.object({ asset: z.string(), perTransaction: z.string() })).optional(),
  programs: z.array(z.string()).optional(),
  destinations: z.array(z.string()).optional(),
  uses: z.number().int().positive().optional(),
  message: z.string().optional(),
});

const attestation = z.object({
  id: z.string(),
  epoch: z.number().int(),
  issuedAt: time,
  expiresAt: time,
  workload: z.string(),
  keys: z.array(z.object({ id: z.string(), publicKey: z.string() })),
  possession: z.string().optional(),
  ledger: z
    .object({
      size: z.union([
        z.number().int(),
        z
          .string()
          .regex(/^\d{1,15}$/)
          .transform(Number),
      ]),
      root: z.string(),
    })
    .optional(),
  scope: scope.optional(),
});

export interface AttestationPayload {
  readonly id: string;
  readonly epoch: number;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly workload: string;
  readonly keys: readonly { readonly id: string; readonly publicKey: string }[];
  readonly possession: string | undefined;
  readonly ledger: { readonly size: number; readonly root: string } | undefined;
  readonly scope: AttestationScope | undefined;
}

/** Null when the payload is not that of an attestation. */
export function readAttestationPayload(envelope: Envelope): AttestationPayload | null {
  const parsed = attestation.safeParse(payloadJson(envelope));
  if (!parsed.success) return null;
  const { possession, ledger, scope: narrowed, ...rest } = parsed.data;
  return {
    ...rest,
    possession,
    ledger,
    scope: narrowed === undefined ? undefined : withoutUndefined(narrowed),
  };
}

function withoutUndefined(parsed: z.infer<typeof scope>): AttestationScope {
  return {
    ...(parsed.limits === undefined ? {} : { limits: parsed.limits }),
    ...(parsed.programs === undefined ? {} : { programs: parsed.programs }),
    ...(parsed.destinations === undefined ? {} : { destinations: parsed.destinations }),
    ...(parsed.uses === undefined ? {} : { uses: parsed.uses }),
    ...(parsed.message === undefined ? {} : { message: parsed.message }),
  };
}

const anyStatement = z.object({ id: z.string(), expiresAt: time.optional() });

/** Id and expiry (ms) of a statement of any kind; null when the payload has none. */
export function readStatementIdentity(
  envelope: Envelope,
): { readonly id: string; readonly expiresAt: number | null } | null {
  const parsed = anyStatement.safeParse(payloadJson(envelope));
  return parsed.success ? { id: parsed.data.id, expiresAt: parsed.data.expiresAt ?? null } : null;
}

function payloadJson(envelope: { readonly payload: unknown }): unknown {
  try {
    const { payload } = envelope;
    // On disk anything may stand there: of an object with a `length`, a buffer of that length would be made.
    if (typeof payload !== 'string') return undefined;
    return JSON.parse(Buffer.from(payload, 'base64').toString('utf8'));
  } catch {
    return undefined;
  }
}
