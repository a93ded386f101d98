import { z } from 'zod';
import { strictObject } from '../core/schema.js';
import * as f from './fields.js';
import { method } from './method.js';

/** What `subscribe` can follow. */
export const TOPICS = ['authorizations', 'signatures', 'denials', 'freezes', 'statements', 'alerts'] as const;
export type Topic = (typeof TOPICS)[number];

/** Notification that carries one event of a topic: `{topic, event}`. */
export const EVENT_NOTIFICATION = 'event';

/**
 * How long what was signed may still land: a freeze cannot recall it. A blockhash lives about 150 blocks, a minute or so;
 * five are far beyond. Milliseconds.
 */
export const LANDING_MS = 5 * 60_000;

/** Signatures that the answer to `freeze` names at most: less than a connection may have unread. */
export const MOST_RECENT = 4000;

/** A policy and the IDLs it pins. */
const MAX_BLOBS = 33;
/** Base64 of a policy file of 4 MiB, the largest there is. */
const MAX_BLOB_TEXT = 6 * 1024 * 1024;
const nothing = strictObject({});
const written = z.object({ entry: f.entry });
const label = f.keyLabel;
const token = z.string().min(1).max(64).describe('name of the token in chancery.yaml');

const freeze = z.object({
  hash: f.hash.describe('what an unfreeze statement names'),
  sequence: f.sequence,
  key: z.string().nullable().describe('null: every key'),
  reason: z.string(),
  time: f.time,
});

const attestation = z.object({
  id: f.statementId,
  workload: f.workload,
  keys: z.array(z.object({ id: f.keyId, publicKey: f.publicKey })),
  issuedAt: f.time,
  expiresAt: f.time,
  epoch: z.number(),
  sequence: f.sequence,
  used: z.number().describe('authorizations made under it, repeats excluded'),
  revoked: z.string().nullable(),
  possession: f.publicKey.optional(),
  scope: z.looseObject({}).optional(),
});

/** admin.sock: what operators ask. */
export const ADMIN_METHODS = {
  getStatus: method({
    summary: 'Health, policy, ledger, tokens, keys and freezes',
    params: nothing,
    result: z.object({
      name: z.string(),
      version: z.string(),
      protocol: z.string(),
      origin: z.string(),
      ready: z.boolean(),
      problems: z.array(z.string()).describe('why nothing, or not everything, can be signed'),
      policy: z.object({ sha256: f.hash, serial: z.number(), epoch: z.number() }).nullable(),
      ledger: z.object({ size: z.number(), head: f.hash, unavailable: z.string().nullable() }),
      tokens: z.array(z.object({ name: z.string(), available: z.boolean(), detail: z.string().optional() })),
      keys: z.array(
        z.object({
          id: f.keyId,
          publicKey: f.publicKey,
          role: z.string(),
          token: z.string(),
          state: z.enum(['usable', 'frozen', 'retired', 'latched']),
        }),
      ),
      freezes: z.array(freeze),
      open: z.array(f.sequence).describe('authorizations without an outcome'),
    }),
  }),
  listAttestations: method({
    summary: 'Attestations that hold now',
    params: strictObject({ workload: f.workload.optional(), key: f.keyId.optional() }),
    result: z.array(attestation),
  }),
  listPending: method({
    summary: 'Refused requests of the last 15 minutes that an approval could let through',
    params: nothing,
    result: z.array(
      z.object({
        request: z.string(),
        time: f.time,
        workload: f.workload,
        key: f.keyId,
        message: f.hash.describe('SHA-256 of the message: what an approval names'),
        failures: z.array(f.failure),
      }),
    ),
  }),
  subscribe: method({
    summary: 'Sends events of these topics on this connection from now on; replaces an earlier choice',
    websocketOnly: true,
    params: strictObject({ topics: z.array(z.enum(TOPICS)).max(TOPICS.length) }),
    result: z.object({ topics: z.array(z.enum(TOPICS)) }),
  }),
  freeze: method({
    summary: 'Stops signing with one key or with all, at once',
    params: strictObject({ key: f.keyId.optional(), reason: f.reason }),
    result: z.object({
      entry: f.entry,
      recent: z
        .array(z.object({ key: f.keyId, signature: f.signature, time: f.time, sequence: f.sequence }))
        .describe(`signed in the last 5 minutes, the newest ${String(MOST_RECENT)}: may still land`),
    }),
  }),
  revokeAttestation: method({
    summary: 'Ends one attestation, at once',
    params: strictObject({ id: f.statementId, reason: f.reason }),
    result: written,
  }),
  revokeWorkload: method({
    summary:
      'Ends every attestation a workload has, at once, those signed before now and not submitted yet too',
    params: strictObject({ workload: f.workload, reason: f.reason }),
    result: z.object({
      entry: f.entry,
      ended: z.number().optional().describe('attestations that held until now'),
      unknown: z
        .object({ nearest: f.workload.nullable().describe('the id that may have been meant') })
        .optional()
        .describe('the policy in force names no such workload; it is revoked all the same'),
    }),
  }),
  submitStatement: method({
    summary: 'Brings a signed statement of the Sovereign into force',
    params: strictObject({
      statement: f.statement,
      blobs: z
        .array(z.string().max(MAX_BLOB_TEXT))
        .max(MAX_BLOBS)
        .optional()
        .describe('bytes the statement names by SHA-256 (a policy), base64'),
    }),
    result: z.object({ id: f.statementId, kind: z.string(), entry: f.entry }),
  }),
  keyGenerate: method({
    summary:
      'Generates a key inside a token and records it; it signs for nobody until a signed policy names it',
    params: strictObject({ token, label, statement: f.statement.optional() }),
    result: z.object({ publicKey: f.publicKey, id: z.string().describe('CKA_ID, hex'), entry: f.entry }),
  }),
  keyImport: method({
    summary: 'Records a key that is already in a token; it signs for nobody until a signed policy names it',
    params: strictObject({ token, label, statement: f.statement.optional() }),
    result: z.object({ publicKey: f.publicKey, id: z.string().describe('CKA_ID, hex'), entry: f.entry }),
  }),
  keyAttest: method({
    summary: 'What a token states of a key: attributes, and its own attestation where it makes one',
    params: strictObject({ key: f.keyId }),
    result: z.looseObject({ publicKey: f.publicKey }),
  }),
  unlock: method({
    summary: 'Gives a token its PIN, for this run',
    params: strictObject({ token, pin: z.string().min(1).max(256) }),
    result: z.object({ token: z.string(), available: z.boolean() }),
  }),
  createChallenge: method({
    summary: 'Writes an entry so that the head of the ledger is fresh, and returns it for an attestation',
    params: nothing,
    result: z.object({ ledger: z.object({ origin: z.string(), size: z.number(), root: z.string() }) }),
  }),
};

export type AdminMethods = typeof ADMIN_METHODS;
