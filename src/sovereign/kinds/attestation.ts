import { z } from 'zod';
import { strictObject } from '../../core/schema.js';
import { address, baseUnits, common, digest, distinct, name, time, workload } from './fields.js';
import { defineKind } from './kind.js';

/** What an attestation may narrow; it can never widen the policy. */
const scope = strictObject({
  /** Base units per transaction. */
  limits: z
    .array(strictObject({ asset: name, perTransaction: baseUnits }))
    .min(1)
    .max(64)
    .refine(
      distinct<{ asset: string }>((limit) => limit.asset),
      'an asset stands twice',
    )
    .optional(),
  programs: z.array(name).min(1).max(64).refine(distinct(String), 'a program stands twice').optional(),
  destinations: z
    .array(address)
    .min(1)
    .max(256)
    .refine(distinct(String), 'a destination stands twice')
    .optional(),
  /** Authorizations it is good for; repeats of the same bytes are not counted. */
  uses: z.int().positive().optional(),
  /** SHA-256 of the one message it is good for. */
  message: digest.optional(),
});

const key = strictObject({ id: name, publicKey: address });

const schema = strictObject({
  type: z.literal('attestation/v1'),
  ...common,
  expiresAt: time,
  workload,
  keys: z
    .array(key)
    .min(1)
    .max(64)
    .refine(
      distinct<{ id: string }>((item) => item.id),
      'a key stands twice',
    )
    .refine(
      distinct<{ publicKey: string }>((item) => item.publicKey),
      'a public key stands twice',
    ),
  /** Base58 of the key whose possession the connection must prove. */
  possession: address.optional(),
  /** The challenge: a head of this ledger. `size` in entries, `root` base64 of the RFC 6962 root. */
  ledger: strictObject({
    size: z.int().positive(),
    root: z.string().regex(/^[A-Za-z0-9+/]{43}=$/, 'expected the base64 of 32 bytes'),
  }).optional(),
  scope: scope.optional(),
});

export type Attestation = z.infer<typeof schema>;

/** Opens keys to a workload until it expires. */
export const attestation = defineKind({
  kind: 'attestation',
  type: 'attestation/v1',
  purpose: 'attestation',
  schema,
  figures: (payload) => [
    `workload ${payload.workload}`,
    ...payload.keys.map((item) => `key ${item.id} ${item.publicKey}`),
    ...(payload.possession === undefined ? [] : [`possession ${payload.possession}`]),
    ...(payload.ledger === undefined ? [] : [`ledger ${String(payload.ledger.size)} ${payload.ledger.root}`]),
    ...narrowings(payload),
  ],
  grants: (payload) => [
    ...payload.keys.map((item) => `${payload.workload} may use key ${item.id} (${item.publicKey})`),
    ...(payload.possession === undefined
      ? []
      : [`only on a connection that proved possession of ${payload.possession}`]),
    ...(payload.ledger === undefined
      ? []
      : [`it was given on the ledger as it stood with ${String(payload.ledger.size)} entries`]),
    ...narrowings(payload).map((narrowing) => `narrowed to ${narrowing}`),
    // Any that allows a request opens the key: a narrow one that was meant to take the place of a wide one does not.
    ...(payload.scope === undefined
      ? []
      : ['attestations from before are not narrowed by it: they hold until they end or are revoked']),
  ],
});

function narrowings({ scope }: Attestation): string[] {
  return [
    ...(scope?.limits ?? []).map(
      (limit) => `at-most ${limit.perTransaction} base units of ${limit.asset} a transaction`,
    ),
    ...(scope?.programs === undefined ? [] : [`programs ${scope.programs.join(' ')}`]),
    ...(scope?.destinations === undefined ? [] : [`destinations ${scope.destinations.join(' ')}`]),
    ...(scope?.uses === undefined ? [] : [`uses ${String(scope.uses)}`]),
    ...(scope?.message === undefined ? [] : [`message ${scope.message}`]),
  ];
}
