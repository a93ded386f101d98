import { z } from 'zod';
import { WIRE_CODES } from '../core/errors.js';

/** Fields that several methods share. Bounds here only keep sizes sane: meaning is checked where it is used. */

/** Base64 of a wire transaction: v1 holds 4096 bytes, so 8192 characters leave room and bound the decoder. */
export const transaction = z.string().min(1).max(8192).describe('wire transaction, base64');
export const keyId = z.string().min(1).max(64).describe('id of the key in the policy');
export const publicKey = z.string().min(32).max(44).describe('public key, base58');
export const signature = z.string().min(64).max(90).describe('Ed25519 signature, base58');
export const sequence = z
  .string()
  .regex(/^(0|[1-9]\d{0,15})$/)
  .describe('sequence of a ledger entry, decimal');
export const hash = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .describe('SHA-256, 64 lower-case hex digits');
export const amount = z
  .string()
  .regex(/^\d{1,40}$/)
  .describe('base units, decimal');
export const time = z.string().max(32).describe('RFC 3339, UTC, milliseconds');
export const workload = z.string().min(1).max(2048).describe('SPIFFE ID');
export const statementId = z.string().min(1).max(64).describe('id of a statement, 32 hex digits');
/** Of the characters that `object.label` in a policy may have: no policy could name a key with another label. */
export const keyLabel = z
  .string()
  .regex(/^[\x20-\x7e]{1,64}$/, 'expected 1 to 64 printable ASCII characters')
  .describe('CKA_LABEL of the object');
export const reason = z.string().min(1).max(500).describe('why, for the ledger');

export const entry = z.object({ sequence, hash }).describe('an entry of the ledger, durable');

/** A statement of the Sovereign. Checked in full, and for its code, where statements are. */
export const statement = z
  .looseObject({
    payload: z.string().describe('the exact signed bytes, base64'),
    signatures: z.array(z.looseObject({ authority: z.string(), scheme: z.string(), signature: z.string() })),
  })
  .describe('statement of the Sovereign');

/** One rule that failed. Text of the request stands in it escaped. */
export const failure = z.object({
  code: z.enum(WIRE_CODES),
  message: z.string(),
  instruction: z.number().optional().describe('index of the instruction'),
  inner: z.number().optional().describe('index within a batch instruction'),
  program: z.string().optional(),
  offset: z.number().optional().describe('byte offset into the transaction'),
  rule: z.string().optional().describe('path of the rule in policy.yaml'),
  asset: z.string().optional(),
  window: z.string().optional(),
  limit: z.string().optional(),
  spent: z.string().optional(),
  requested: z.string().optional(),
  resetsAt: z.string().optional(),
  destination: z.string().optional(),
});

/** The same in a result: a daemon a minor version ahead may know codes that a client does not. */
export const newerFailure = failure.extend({ code: z.string() });

/** A limit as it stands after the request, or now. */
export const limit = z.object({
  asset: z.string(),
  destination: z.string().optional().describe('the one destination it is about; absent for all'),
  workload: z.string().optional().describe('the one workload it is about; absent for all'),
  window: z.string(),
  max: amount,
  spent: amount,
  remaining: amount,
  rule: z.string().optional(),
  requested: amount.optional(),
});
