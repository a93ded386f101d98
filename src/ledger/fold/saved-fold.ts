import { z } from 'zod';
import { savedRange } from '../tree/compact-range.js';
import { savedAttestations } from './attestations.js';
import { savedFreezes } from './freezes.js';
import { savedHeads } from './heads.js';
import { savedMeters } from './meters.js';
import { savedRepeats } from './repeats.js';
import { savedRollbacks } from './rollbacks.js';
import { savedUidBytes } from './uid-bytes.js';
import { savedStatements } from './used-statements.js';

const savedPolicy = z.strictObject({
  sha256: z.string(),
  serial: z.int(),
  id: z.string(),
  sequence: z.int(),
  statement: z.strictObject({
    payload: z.string(),
    signatures: z
      .array(z.strictObject({ authority: z.string(), scheme: z.string(), signature: z.string() }))
      .readonly(),
  }),
});

/** All that a fold is, as plain data, in an order that follows from the entries. */
export const savedFold = z.strictObject({
  head: z.hex().length(64),
  time: z.int(),
  origin: z.string(),
  ledgerKey: z.string(),
  policy: savedPolicy.nullable(),
  authorizedUnderPolicy: z.boolean(),
  tree: savedRange,
  heads: savedHeads,
  meters: savedMeters,
  attestations: savedAttestations,
  statements: savedStatements,
  freezes: savedFreezes,
  repeats: savedRepeats,
  rollbacks: savedRollbacks,
  filled: savedUidBytes,
  open: z.array(z.int()),
  retired: z.array(z.string()),
  latched: z.array(z.string()),
});
export type SavedFold = z.infer<typeof savedFold>;
