import { z } from 'zod';
import { strictObject } from '../../core/schema.js';
import { common, digest, serial } from './fields.js';
import { defineKind } from './kind.js';

const schema = strictObject({
  type: z.literal('policy/v1'),
  ...common,
  /** The `serial` of the new policy.yaml: above the one in force. */
  serial,
  /** SHA-256 of the policy.yaml in force before; 64 zeros for the first. */
  previous: digest,
  /** SHA-256 of the new policy.yaml. */
  sha256: digest,
});

/** Brings a policy into force. Judged by the authorities of the policy in force, never by those it names itself. */
export const policy = defineKind({
  kind: 'policy',
  type: 'policy/v1',
  purpose: 'policy',
  schema,
  figures: (payload) => [
    `serial ${String(payload.serial)}`,
    `previous ${payload.previous}`,
    `policy ${payload.sha256}`,
  ],
  grants: (payload) => [
    `brings policy ${payload.sha256} (serial ${String(payload.serial)}) into force after ${payload.previous}`,
  ],
});
