import { ReadError, type ByteReader } from '../core/byte-reader.js';
import { PUBKEY_BYTES, pubkeyAt } from '../core/pubkey.js';
import { MAX_INSTRUCTIONS, MAX_V1_ACCOUNTS, MAX_V1_SIGNATURES } from './limits.js';
import type { Instruction, Message, MessageConfig } from './message.js';
import { checkHeader, checkIndices, programAt, readAccounts } from './read-accounts.js';

/** Bits of the config mask (SIMD-0385): 0 and 1 priority fee, 2 unit limit, 3 loaded data limit, 4 heap size. */
const PRIORITY_FEE = 0b11;
const UNIT_LIMIT = 0b100;
const LOADED_DATA_LIMIT = 0b1000;
const HEAP_SIZE = 0b1_0000;
const KNOWN = 0b1_1111;

/** A v1 message after its version byte. Throws ReadError. */
export function readV1Body(reader: ByteReader): Message {
  const signatures = reader.u8('the number of signatures');
  const readonlySigned = reader.u8('the number of readonly signers');
  const readonlyUnsigned = reader.u8('the number of readonly accounts');
  const maskAt = reader.offset;
  const mask = reader.u32le('the config mask');
  // A bit unknown here may be a new way to spend.
  if ((mask & ~KNOWN) !== 0) throw new ReadError('the config mask has unknown bits', maskAt);
  const fee = mask & PRIORITY_FEE;
  if (fee !== 0 && fee !== PRIORITY_FEE) throw new ReadError('half of the priority fee is set', maskAt);
  const lifetime = pubkeyAt(reader.take(PUBKEY_BYTES, 'the lifetime'));

  const countsAt = reader.offset;
  const instructionCount = reader.u8('the number of instructions');
  const count = reader.u8('the number of accounts');
  if (instructionCount > MAX_INSTRUCTIONS) {
    throw new ReadError(
      `${String(instructionCount)} instructions, at most ${String(MAX_INSTRUCTIONS)}`,
      countsAt,
    );
  }
  if (signatures > MAX_V1_SIGNATURES) {
    throw new ReadError(`${String(signatures)} signatures, at most ${String(MAX_V1_SIGNATURES)}`, 1);
  }
  if (count > MAX_V1_ACCOUNTS) {
    throw new ReadError(`${String(count)} accounts, at most ${String(MAX_V1_ACCOUNTS)}`, countsAt + 1);
  }
  checkHeader(signatures, readonlySigned, readonlyUnsigned, count, countsAt + 1);
  const accounts = readAccounts(reader, count);
  const config = readConfig(reader, mask);

  const headers: { at: number; program: number; accounts: number; data: number }[] = [];
  for (let index = 0; index < instructionCount; index++) {
    headers.push({
      at: reader.offset,
      program: reader.u8('a program index'),
      accounts: reader.u8('a number of instruction accounts'),
      data: reader.u16le('a length of instruction data'),
    });
  }
  const instructions = headers.map((header, index): Instruction => {
    const program = programAt(accounts, header.program, header.at);
    const at = reader.offset;
    const indices = Array.from(reader.take(header.accounts, 'instruction accounts'));
    checkIndices(indices, count, at);
    return { index, program, accounts: indices, data: reader.take(header.data, 'instruction data') };
  });
  reader.finish('the message');
  return {
    version: 1,
    bytes: reader.bytes,
    accounts,
    signatures,
    readonlySigned,
    readonlyUnsigned,
    lifetime,
    instructions,
    lookups: [],
    config,
  };
}

function readConfig(reader: ByteReader, mask: number): MessageConfig {
  return {
    ...((mask & PRIORITY_FEE) === 0 ? {} : { priorityFee: reader.u64le('the priority fee') }),
    ...((mask & UNIT_LIMIT) === 0 ? {} : { computeUnitLimit: reader.u32le('the compute unit limit') }),
    ...((mask & LOADED_DATA_LIMIT) === 0 ? {} : { loadedDataLimit: reader.u32le('the loaded data limit') }),
    ...((mask & HEAP_SIZE) === 0 ? {} : { heapSize: reader.u32le('the heap size') }),
  };
}
