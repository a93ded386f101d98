import { z } from 'zod';
import { KEY_CHECKS } from '../core/key-checks.js';

/**
 * One check of one key. `unsupported`: the token does not know the attribute, which is a pass where the attribute
 * would grant a power and a failure where it would prove something.
 */
export const keyFindingSchema = z.strictObject({
  check: z.enum(KEY_CHECKS),
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
