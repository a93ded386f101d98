import type { Failure } from '../../core/errors.js';
import type { Inquiry } from '../inquiry.js';

/** What the reading of the transaction refuses by itself: not understood, or never safe. */
export function structureRule({ assessment }: Inquiry): readonly Failure[] {
  const found = assessment.instructions.flatMap(({ refusals }) => refusals);
  return found.length === 0 ? assessment.refusals : [...assessment.refusals, ...found];
}
