import { ChanceryError } from '../../src/core/errors.js';

/** The ChanceryError that `run` throws. Fails when it throws nothing or anything else. */
export function thrown(run: () => unknown): ChanceryError {
  try {
    run();
  } catch (error) {
    if (error instanceof ChanceryError) return error;
    throw error;
  }
  throw new Error('expected a ChanceryError, nothing was thrown');
}
