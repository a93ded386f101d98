import { ChanceryError } from '../core/errors.js';
import { MAX_TRANSACTION_BYTES, MAX_V1_TRANSACTION_BYTES, SIGNATURE_BYTES } from './limits.js';
import { malformed } from './malformed.js';
import type { Message, Transaction } from './message.js';
import { readMessage, V0, V1 } from './read-message.js';

/**
 * Reads a wire transaction: signatures (zeroed, ours or foreign) and message, nothing after them. The message's
 * `bytes` are a view of the input, which must not change afterwards: they are what gets signed (I1).
 *
 * Throws ChanceryError MALFORMED_TRANSACTION; `failures[0].offset` is the byte offset into `bytes`.
 */
export function readTransaction(bytes: Uint8Array): Transaction {
  const first = bytes[0];
  if (first === undefined) throw malformed('the transaction is empty', 0);
  return first === V1 ? readSuffixed(bytes) : readPrefixed(bytes, first);
}

/** Legacy and v0: a count, the signatures, the message. */
function readPrefixed(bytes: Uint8Array, count: number): Transaction {
  if (bytes.length > MAX_TRANSACTION_BYTES) {
    throw malformed(
      `a transaction has at most ${String(MAX_TRANSACTION_BYTES)} bytes`,
      MAX_TRANSACTION_BYTES,
    );
  }
  if (count === V0) throw malformed('a v0 message without the signatures that stand before it', 0);
  // A count above 127 could not fit in any case, so its compact-u16 is always this one byte.
  if (count === 0 || count > 127) throw malformed(`a transaction cannot have ${String(count)} signatures`, 0);
  const start = 1 + count * SIGNATURE_BYTES;
  if (start >= bytes.length) throw malformed('the signatures are cut short', bytes.length);
  const message = shifted(start, () => readMessage(bytes.subarray(start)));
  if (message.version === 1) throw malformed('a v1 message has its signatures after it', start);
  if (message.signatures !== count) {
    throw malformed(`the message asks for ${String(message.signatures)} signatures, not ${String(count)}`, 0);
  }
  return { bytes, message, signaturesOffset: 1 };
}

/** v1: the message, then as many signatures as it asks for, without a count. */
function readSuffixed(bytes: Uint8Array): Transaction {
  if (bytes.length > MAX_V1_TRANSACTION_BYTES) {
    throw malformed(
      `a transaction has at most ${String(MAX_V1_TRANSACTION_BYTES)} bytes`,
      MAX_V1_TRANSACTION_BYTES,
    );
  }
  const end = bytes.length - (bytes[1] ?? 0) * SIGNATURE_BYTES;
  if (end < 2) throw malformed('the signatures are cut short', bytes.length);
  return { bytes, message: readMessage(bytes.subarray(0, end)), signaturesOffset: end };
}

/** Offsets are reported as those of the whole transaction. */
function shifted(start: number, read: () => Message): Message {
  try {
    return read();
  } catch (error) {
    const failure = error instanceof ChanceryError ? error.failures[0] : undefined;
    if (failure?.offset === undefined) throw error;
    throw malformed(failure.message, failure.offset + start);
  }
}
