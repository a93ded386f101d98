import { ChanceryError, type ErrorCode } from '../../../src/core/errors.js';

/** The code a promise was rejected with; `resolved` when it was not, any other error is thrown on. */
export async function outcome(promise: Promise<unknown>): Promise<ErrorCode | 'resolved'> {
  try {
    await promise;
    return 'resolved';
  } catch (error) {
    if (error instanceof ChanceryError) return error.code;
    throw error;
  }
}
