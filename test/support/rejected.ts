import { fail } from 'node:assert';
import { ChanceryError } from '../../src/core/errors.js';

/** The ChanceryError that a promise rejects with. Fails when it resolves or rejects with anything else. */
export async function rejected(promise: Promise<unknown>): Promise<ChanceryError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ChanceryError) return error;
    throw error;
  }
  return fail('expected a ChanceryError, the promise resolved');
}
