import { ByteReader, ReadError } from '../core/byte-reader.js';
import { PUBKEY_BYTES, pubkeyAt } from '../core/pubkey.js';
import {
  MAX_ACCOUNTS,
  MAX_INSTRUCTIONS,
  MAX_TRANSACTION_BYTES,
  MAX_V1_TRANSACTION_BYTES,
  SIGNATURE_BYTES,
} from './limits.js';
import { malformed, strictly } from './malformed.js';
import type { Instruction, Lookup, Message } from './message.js';
import { checkHeader, checkIndices, programAt, readAccounts } from './read-accounts.js';
import { readV1Body } from './read-v1.js';

const VERSION_BIT = 0x80;
/** First bytes of the versioned messages. */
export const V0 = 0x80;
export const V1 = 0x81;

/**
 * Reads the bytes a signature covers: legacy, v0 or v1, nothing before, nothing after. Only the canonical
 * encoding is accepted, so that re-encoding what was read gives the same bytes (I1). Stricter than the chain:
 * duplicate static keys are refused in every version. Messages of other domains (off-chain messages start with
 * 0xff) are not transactions.
 *
 * Throws ChanceryError MALFORMED_TRANSACTION; `failures[0].offset` is the byte offset into `bytes`.
 */
export function readMessage(bytes: Uint8Array): Message {
  if (bytes.length > MAX_V1_TRANSACTION_BYTES) {
    throw malformed(
      `a message has at most ${String(MAX_V1_TRANSACTION_BYTES)} bytes`,
      MAX_V1_TRANSACTION_BYTES,
    );
  }
  return strictly(() => {
    const reader = new ByteReader(bytes);
    const first = reader.u8('the first byte');
    const message = readVersion(reader, first);
    checkSize(message);
    return message;
  });
}

function readVersion(reader: ByteReader, first: number): Message {
  if ((first & VERSION_BIT) === 0) return readCompact(reader, 'legacy', first);
  if (first === V0) return readCompact(reader, 0, reader.u8('the number of signatures'));
  if (first === V1) return readV1Body(reader);
  throw new ReadError(`${String(first)} is no message version known here`, 0);
}

/** Legacy and v0 share a layout; v0 adds lookups. */
function readCompact(reader: ByteReader, version: 'legacy' | 0, signatures: number): Message {
  const readonlySigned = reader.u8('the number of readonly signers');
  const readonlyUnsigned = reader.u8('the number of readonly accounts');
  const countAt = reader.offset;
  const count = reader.compactU16('the number of accounts');
  checkHeader(signatures, readonlySigned, readonlyUnsigned, count, countAt);
  const accounts = readAccounts(reader, count);
  const lifetime = pubkeyAt(reader.take(PUBKEY_BYTES, 'the blockhash'));

  const instructionsAt = reader.offset;
  const instructionCount = reader.compactU16('the number of instructions');
  if (instructionCount > MAX_INSTRUCTIONS) {
    throw new ReadError(
      `${String(instructionCount)} instructions, at most ${String(MAX_INSTRUCTIONS)}`,
      instructionsAt,
    );
  }
  const instructions: Instruction[] = [];
  const offsets: number[] = [];
  for (let index = 0; index < instructionCount; index++) {
    offsets.push(reader.offset);
    const programIndex = reader.u8('a program index');
    const program = programAt(accounts, programIndex, reader.offset - 1);
    const indices = reader.take(
      reader.compactU16('a number of instruction accounts'),
      'instruction accounts',
    );
    const data = reader.take(reader.compactU16('a length of instruction data'), 'instruction data');
    instructions.push({ index, program, accounts: Array.from(indices), data });
  }

  const lookups = version === 0 ? readLookups(reader, count) : [];
  reader.finish('the message');

  const total = lookups.reduce((sum, lookup) => sum + lookup.writable.length + lookup.readonly.length, count);
  instructions.forEach((instruction, position) => {
    checkIndices(instruction.accounts, total, offsets[position] ?? 0);
  });
  return {
    version,
    bytes: reader.bytes,
    accounts,
    signatures,
    readonlySigned,
    readonlyUnsigned,
    lifetime,
    instructions,
    lookups,
  };
}

function readLookups(reader: ByteReader, staticCount: number): Lookup[] {
  const at = reader.offset;
  const count = reader.compactU16('the number of lookup tables');
  // 35 bytes is the shortest lookup: a claimed count cannot outrun the input.
  if (count * 35 > reader.remaining) throw new ReadError(`${String(count)} lookup tables do not fit`, at);
  const lookups: Lookup[] = [];
  let total = staticCount;
  for (let position = 0; position < count; position++) {
    const start = reader.offset;
    const table = pubkeyAt(reader.take(PUBKEY_BYTES, 'a lookup table'));
    const writable = Array.from(reader.take(reader.compactU16('a number of indexes'), 'writable indexes'));
    const readonly = Array.from(reader.take(reader.compactU16('a number of indexes'), 'readonly indexes'));
    total += writable.length + readonly.length;
    if (writable.length + readonly.length === 0) throw new ReadError('a lookup without an index', start);
    if (total > MAX_ACCOUNTS) throw new ReadError(`more than ${String(MAX_ACCOUNTS)} accounts`, start);
    lookups.push({ table, writable, readonly });
  }
  return lookups;
}

/** The transaction this message belongs to must fit: one byte for the count, then the signatures. */
function checkSize(message: Message): void {
  const signatures = message.signatures * SIGNATURE_BYTES;
  const size = message.bytes.length + signatures + (message.version === 1 ? 0 : 1);
  const limit = message.version === 1 ? MAX_V1_TRANSACTION_BYTES : MAX_TRANSACTION_BYTES;
  if (size > limit) {
    throw new ReadError(
      `the transaction has ${String(size)} bytes, at most ${String(limit)}`,
      limit - signatures,
    );
  }
}
