import { z } from 'zod';
import { strictObject } from '../../core/schema.js';
import { common } from './fields.js';
import { defineKind } from './kind.js';

const schema = strictObject({
  type: z.literal('accept-rollback/v1'),
  ...common,
  /** Entries of the ledger that is accepted, exactly. */
  size: z.int().positive(),
  /** Base64 of its RFC 6962 root. */
  root: z.string().regex(/^[A-Za-z0-9+/]{43}=$/, 'expected the base64 of 32 bytes'),
});

/** Lets a signer go on from a ledger that an anchor contradicts: what came after these entries is given up. */
export const acceptRollback = defineKind({
  kind: 'accept-rollback',
  type: 'accept-rollback/v1',
  purpose: 'accept-rollback',
  schema,
  figures: (payload) => [`ledger ${String(payload.size)} ${payload.root}`],
  grants: (payload) => [
    `accepts the ledger as it stands with ${String(payload.size)} entries and root ${payload.root}; what followed is given up`,
    'voids every statement issued before, the policy in force excepted',
    'counts every spend and rate window as full until it has passed',
    'asks every vote key for a new watermark',
  ],
});
