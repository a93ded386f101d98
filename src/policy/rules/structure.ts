import type { Failure } from '../../core/errors.js';
import type { Inquiry } from '../inquiry.js';

/**
 * Most places of a transaction in which something may leave the key. A known program takes in one place per
 * instruction, a declared one in as many as it names: each is a line of the authorization. So many fit an entry with
 * the longest names and message there can be (test/unit/signing/entry-size.test.ts).
 */
const MAX_DEBITS = 128;

/** What the reading of the transaction refuses by itself: not understood, never safe, or too much to write down. */
export function structureRule({ assessment }: Inquiry): readonly Failure[] {
  const found = assessment.instructions.flatMap(({ refusals }) => refusals);
  const debits = assessment.instructions.reduce((sum, report) => sum + report.debits.length, 0);
  if (debits > MAX_DEBITS) {
    found.push({
      code: 'INSTRUCTION_NOT_ALLOWED',
      message: `the transaction takes from the key in ${String(debits)} places, at most ${String(MAX_DEBITS)}`,
      limit: String(MAX_DEBITS),
      requested: String(debits),
    });
  }
  return found.length === 0 ? assessment.refusals : [...assessment.refusals, ...found];
}
