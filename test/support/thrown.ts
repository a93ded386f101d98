import { fail } from 'node:assert';
import { ChanceryError } from '../../src/core/errors.js';

/** The ChanceryError that `run` throws. Fails when it throws nothing or anything else. */
export function thrown(run: () => unknown): ChanceryError {
  try {
    run();
  } catch (error) {
    if (error instanceof ChanceryError) return error;
    throw error;
  }
  return fail('expected a ChanceryError, nothing was thrown');
}
