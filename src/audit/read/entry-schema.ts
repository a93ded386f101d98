import { z } from 'zod';
import { decodeBase64 } from '../../core/base64.js';
import type { JsonValue } from '../../core/canonical-json.js';
import { LOCAL_CODES, WIRE_CODES } from '../../core/errors.js';
import { issueSentence } from '../../core/schema.js';
import type { Entry } from '../../ledger/entries.js';
import { areReadable } from './debits.js';

/**
 * The form of every kind of entry, read from the format's description and not from the code that writes it.
 * Unknown fields are damage: what a verifier skips, nobody has checked.
 */

const sequence = z.string().regex(/^(0|[1-9]\d{0,15})$/, 'expected a decimal sequence');
const digest = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hex digits');
const amount = z.string().regex(/^(0|[1-9]\d{0,29})$/, 'expected a decimal amount');
/** The one text of some bytes: two texts of the same would be two entries that say one thing. */
const base64 = z.string().refine((text) => decodeBase64(text) !== null, 'expected canonical base64');
const root = z.string().regex(/^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/, 'expected the base64 of 32 bytes');
const text = z.string();
const count = z.int().min(0);
const purpose = z.enum(['transaction', 'vote']);
const code = z.enum([...WIRE_CODES, ...LOCAL_CODES]);
const codes = z
  .array(z.enum(WIRE_CODES))
  .min(1)
  .refine(
    (all) => all.every((one, index) => index === 0 || one > (all[index - 1] ?? '')),
    'expected each code once, in order',
  );

const address = z.string().regex(/^[1-9A-HJ-NP-Za-km-z]{32,44}$/, 'expected a base58 public key');

/** Whether there is such a time is the chain's to check, which needs it in milliseconds anyway. */
const time = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/, 'expected RFC 3339 in UTC with milliseconds');

const envelope = z.strictObject({
  payload: base64,
  signatures: z.array(z.strictObject({ authority: text, scheme: text, signature: text })),
});
const operator = z.strictObject({ uid: count, pid: count });
const peer = z.strictObject({ pid: count, uid: count, gid: count, exe: text });
const counted = z.strictObject({ unit: text, amount });
const json: z.ZodType<JsonValue> = z.unknown() as z.ZodType<JsonValue>;

const head = { sequence, previous: digest, time, batch: sequence.exactOptional() };

const entrySchema = z.discriminatedUnion('type', [
  z.strictObject({
    ...head,
    type: z.literal('genesis'),
    origin: text,
    publicKey: address,
    statement: envelope,
  }),
  z.strictObject({
    ...head,
    type: z.literal('start'),
    boot: text,
    version: text,
    modules: z.record(z.string(), digest),
  }),
  z.strictObject({ ...head, type: z.literal('stop'), reason: text }),
  z.strictObject({
    ...head,
    type: z.literal('policy'),
    sha256: digest,
    serial: z.int().positive(),
    id: text,
    statement: envelope,
  }),
  z
    .strictObject({
      ...head,
      type: z.literal('statement'),
      kind: text,
      id: text,
      authorities: z.array(text),
      statement: envelope,
      voided: z.array(z.strictObject({ size: sequence, root })).exactOptional(),
    })
    .refine(
      ({ kind, voided }) => voided === undefined || kind === 'accept-rollback',
      'expected voided checkpoints with an accepted rollback alone',
    ),
  z.strictObject({
    ...head,
    type: z.literal('authorization'),
    request: text,
    purpose,
    key: text,
    publicKey: address,
    message: base64,
    workload: text,
    peer,
    attestation: text,
    approval: text.exactOptional(),
    policy: digest,
    effects: z.array(json).refine(areReadable, 'expected debits that can be read'),
    fee: amount,
    counted: z.array(counted),
    repeats: sequence.exactOptional(),
  }),
  z.strictObject({ ...head, type: z.literal('signature'), authorization: sequence, signature: text }),
  z.strictObject({ ...head, type: z.literal('failure'), authorization: sequence, code }),
  z.strictObject({ ...head, type: z.literal('recovered'), authorization: sequence }),
  z
    .strictObject({
      ...head,
      type: z.literal('denial'),
      key: text.exactOptional(),
      workload: text,
      uid: z.int().nonnegative().exactOptional(),
      codes,
      message: base64.exactOptional(),
      count: z.int().positive(),
    })
    .refine(
      ({ message, count }) => message === undefined || count === 1,
      'expected one denial of one message',
    ),
  z
    .strictObject({
      ...head,
      type: z.literal('freeze'),
      key: text.exactOptional(),
      publicKey: address.exactOptional(),
      reason: text,
      by: operator.nullable(),
    })
    .refine(
      ({ key, publicKey }) => (key === undefined) === (publicKey === undefined),
      'expected a key with its public key, or neither',
    ),
  z.strictObject({ ...head, type: z.literal('unfreeze'), freeze: digest, id: text, statement: envelope }),
  z
    .strictObject({
      ...head,
      type: z.literal('revocation'),
      attestation: text.exactOptional(),
      workload: text.exactOptional(),
      reason: text,
      by: operator,
    })
    .refine(
      ({ attestation, workload }) => (attestation === undefined) !== (workload === undefined),
      'expected an attestation or a workload, and not both',
    ),
  z.strictObject({
    ...head,
    type: z.literal('key'),
    action: z.enum(['generate', 'import', 'retire', 'replace', 'latch']),
    token: text,
    label: text,
    publicKey: address,
    id: text.exactOptional(),
    statement: envelope.exactOptional(),
  }),
  z.strictObject({ ...head, type: z.literal('snapshot'), sha256: digest, size: sequence }),
  z.strictObject({ ...head, type: z.literal('tick') }),
  z.strictObject({ ...head, type: z.literal('repair'), bytes: z.int().positive(), sha256: digest }),
  z.strictObject({ ...head, type: z.literal('alert'), subject: text, detail: text }),
]);

type Checked = z.infer<typeof entrySchema>;
type Fields<Kinds extends { type: string }> = { [Kind in Kinds as Kind['type']]: keyof Kind };
type SameFields =
  Fields<Entry> extends Fields<Checked> ? (Fields<Checked> extends Fields<Entry> ? true : false) : false;
/** A field added to the format does not compile here until it is checked too. */
type ReadResult = SameFields extends true ? Entry | string : never;

/** The entry, or the sentence that says what is wrong with it. */
export function readEntry(value: unknown): ReadResult {
  const parsed = entrySchema.safeParse(value);
  return parsed.success ? parsed.data : issueSentence(parsed.error);
}
