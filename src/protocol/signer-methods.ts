import { z } from 'zod';
import { strictObject } from '../core/schema.js';
import * as f from './fields.js';
import { method } from './method.js';

/** Wire transactions in one `signTransactions`. */
export const MAX_TRANSACTIONS = 64;

const nothing = strictObject({});

const signed = z.object({
  signature: f.signature,
  transaction: f.transaction.describe('the same wire transaction with the slot of the key filled'),
  entry: f.entry.describe('the signature entry in the ledger'),
  limits: z.array(f.limit).describe('what is left after this request'),
  request: z.string().optional().describe('request id, also in the ledger and the log'),
});

const refused = z.object({
  code: z.number(),
  message: z.string(),
  data: z.looseObject({ code: z.string(), failures: z.array(f.newerFailure) }),
});

const debit = z.looseObject({
  asset: z.string(),
  amount: f.amount,
  reason: z.string(),
  source: z.string(),
  destination: z.string().optional(),
  own: z.boolean().optional(),
  counted: z.boolean().optional().describe('false: no spend, in no limit'),
});

const effect = z.looseObject({
  instruction: z.number(),
  inner: z.number().optional(),
  program: z.string(),
  name: z.string().optional(),
  debits: z.array(debit).optional(),
  details: z.array(z.tuple([z.string(), z.string()])).optional(),
});

const feeBound = z
  .object({
    payer: z.boolean().describe('the key is account 0'),
    base: f.amount,
    priority: f.amount,
    signatures: z.number(),
    units: z.number().describe('compute units assumed'),
    unitsSet: z.boolean().describe('the transaction sets that limit itself'),
    price: f.amount.optional().describe('micro-lamports a unit; absent for v1'),
  })
  .describe('what the fee bound is made of');

/** signer.sock: what workloads ask. */
export const SIGNER_METHODS = {
  getChallenge: method({
    summary:
      'A nonce for a proof of possession on this connection, and the head of the ledger for an attestation',
    params: nothing,
    result: z.object({
      nonce: z.string().describe('32 random bytes, base64; good once, on this connection'),
      ledger: z.object({
        origin: z.string(),
        size: z.number().describe('entries'),
        root: z.string().describe('RFC 6962 root, base64'),
      }),
      policy: f.hash.describe('SHA-256 of the policy in force'),
    }),
  }),
  authenticate: method({
    summary: 'Brings a statement into force, or proves possession of a key, for this connection',
    websocketOnly: true,
    params: strictObject({
      statement: f.statement.optional(),
      svid: z.string().max(16_384).optional().describe('JWT-SVID, compact'),
      possession: strictObject({ publicKey: f.publicKey, signature: f.signature }).optional(),
    }),
    result: z.object({
      workload: f.workload,
      keys: z.array(f.keyId).describe('keys that are open to this connection now'),
      expiresAt: f.time.nullable().describe('when the first of them closes'),
    }),
  }),
  listKeys: method({
    summary: 'The keys this workload may know, who opened them until when, and what is left of their limits',
    params: nothing,
    result: z.array(
      z.object({
        id: f.keyId,
        publicKey: f.publicKey,
        role: z.string(),
        attestation: z.object({ id: f.statementId, expiresAt: f.time }).nullable(),
        limits: z.array(f.limit),
      }),
    ),
  }),
  explainTransaction: method({
    summary: 'What a transaction does and what signTransaction would answer now; reserves nothing',
    params: strictObject({ key: f.keyId, transaction: f.transaction }),
    result: z.object({
      decision: z.enum(['allow', 'deny']),
      key: f.keyId,
      publicKey: f.publicKey,
      transaction: z.object({
        version: z.string().describe('legacy, v0, v1'),
        signers: z.number(),
        slot: z.number().nullable().describe('signer slot of the key, from 0; null when it is no signer'),
      }),
      failures: z.array(f.newerFailure),
      effects: z.array(effect),
      fee: f.amount.describe('the most the key can pay in fees, lamports'),
      feeBound,
      counted: z.array(z.object({ unit: z.string(), amount: f.amount })),
      repeats: f.sequence.optional().describe('the authorization that counted these very bytes before'),
      limits: z.array(f.limit),
      checks: z
        .array(z.object({ rule: z.string(), passed: z.boolean(), sentence: z.string() }))
        .describe('every rule that was asked, in order'),
      advice: z.array(z.string()).describe('what to change'),
      assets: z
        .array(z.object({ name: z.string(), decimals: z.number() }))
        .describe('decimals of the assets named here'),
      exposure: z.array(
        z.object({ program: z.string(), accounts: z.array(z.string()), sentence: z.string() }),
      ),
    }),
  }),
  signTransaction: method({
    summary: 'Signs a transaction with one key, when identity, attestation, policy and limits all say yes',
    params: strictObject({ key: f.keyId, transaction: f.transaction }),
    result: signed,
  }),
  signTransactions: method({
    summary: 'The same for several transactions: a result or an error for each, in order',
    params: strictObject({ key: f.keyId, transactions: z.array(f.transaction).min(1).max(MAX_TRANSACTIONS) }),
    result: z.array(z.union([z.object({ result: signed }), z.object({ error: refused })])),
  }),
  getProof: method({
    summary: 'Proof that an entry is in the ledger, against the newest checkpoint',
    params: strictObject({ sequence: f.sequence }),
    result: z.string().describe('C2SP tlog-proof text'),
  }),
};

export type SignerMethods = typeof SIGNER_METHODS;
