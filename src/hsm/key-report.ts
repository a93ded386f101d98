import { z } from 'zod';

/**
 * The trust checks on a private key, by name. `single` is the search itself; `pair` is a signature by the private
 * key over a nonce, verified with the pinned public key.
 */
const CHECK_NAMES = [
  'class',
  'key-type',
  'on-token',
  'private',
  'sensitive',
  'not-extractable',
  'always-sensitive',
  'never-extractable',
  'local',
  'generated-on-token',
  'can-sign',
  'cannot-decrypt',
  'cannot-unwrap',
  'cannot-derive',
  'cannot-sign-recover',
  'no-pin-per-use',
] as const;
export type CheckName = (typeof CHECK_NAMES)[number];

/**
 * One check of one key. `unsupported`: the token does not know the attribute, which is a pass where the attribute
 * would grant a power and a failure where it would prove something.
 */
export const keyFindingSchema = z.strictObject({
  check: z.enum(CHECK_NAMES),
  verdict: z.enum(['pass', 'fail', 'waived']),
  expected: z.string(),
  actual: z.string(),
});
export type KeyFinding = z.infer<typeof keyFindingSchema>;

/** What was found out about one key when the host started, for `doctor` and the ledger. */
export interface KeyReport {
  readonly key: string;
  readonly label: string;
  /** CKA_ID in hex. */
  readonly objectId: string;
  readonly findings: readonly KeyFinding[];
}
