import { z } from 'zod';
import { strictObject } from '../../core/schema.js';
import { common, digest } from './fields.js';
import { defineKind } from './kind.js';

const schema = strictObject({
  type: z.literal('unfreeze/v1'),
  ...common,
  /** Hash of the freeze entry: an unfreeze lifts one freeze, never one that comes later. */
  freeze: digest,
});

/** Lifts one freeze. */
export const unfreeze = defineKind({
  kind: 'unfreeze',
  type: 'unfreeze/v1',
  purpose: 'unfreeze',
  schema,
  figures: (payload) => [`freeze ${payload.freeze}`],
  grants: (payload) => [`lifts the freeze whose entry has the hash ${payload.freeze}`],
});
