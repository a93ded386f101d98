import { ReadError } from '../core/byte-reader.js';
import { ChanceryError } from '../core/errors.js';

/** MALFORMED_TRANSACTION with the byte offset at which reading stopped. */
export function malformed(message: string, offset: number): ChanceryError {
  return new ChanceryError('MALFORMED_TRANSACTION', `${message}, at byte ${String(offset)}`, {
    failures: [{ code: 'MALFORMED_TRANSACTION', message, offset }],
  });
}

/** Runs a reader; a ReadError becomes MALFORMED_TRANSACTION, anything else passes. */
export function strictly<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ReadError) throw malformed(error.message, error.offset);
    throw error;
  }
}
