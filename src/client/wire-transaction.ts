import { ByteReader, ReadError } from '../core/byte-reader.js';
import { SIGNATURE_BYTES } from '../core/ed25519.js';
import { pubkeyAt, PUBKEY_BYTES, type Pubkey } from '../core/pubkey.js';

/** Where things lie in a wire transaction: just enough to check what a signer did to it. */
export interface WireTransaction {
  /** The bytes that signatures cover. */
  readonly message: Uint8Array;
  /** Keys that must sign, in the order of their slots. */
  readonly signers: readonly Pubkey[];
  /** Byte offset of the first signature slot; slot i lies 64·i further. */
  readonly signaturesOffset: number;
}

/** First byte of a version-1 transaction, whose message leads; in older forms it counts signatures, at most 19. */
const VERSION_1 = 0x81;
const VERSION_0 = 0x80;

/**
 * Finds message, signers and slots of a legacy, v0 or v1 transaction. It does not look at instructions: the daemon
 * judges, this only finds places. Throws ReadError.
 */
export function readWireTransaction(bytes: Uint8Array): WireTransaction {
  return bytes[0] === VERSION_1 ? readV1(bytes) : readV0OrLegacy(bytes);
}

/** `signature count | 64 × n | message`. */
function readV0OrLegacy(bytes: Uint8Array): WireTransaction {
  const reader = new ByteReader(bytes);
  const count = reader.compactU16('the number of signatures');
  const signaturesOffset = reader.offset;
  reader.take(count * SIGNATURE_BYTES, 'the signatures');
  const message = bytes.subarray(reader.offset);
  const first = reader.u8('the header');
  if (first > VERSION_0) throw new ReadError('the version of the message is not known', reader.offset - 1);
  const required = first === VERSION_0 ? reader.u8('the header') : first;
  reader.take(2, 'the header');
  const keys = reader.compactU16('the number of accounts');
  if (required !== count || keys < required) {
    throw new ReadError('the signature slots do not fit the signers', signaturesOffset);
  }
  return { message, signers: readKeys(reader, required), signaturesOffset };
}

/** SIMD-0385: `0x81 | 3 header | mask 4 | lifetime 32 | instructions 1 | addresses 1 | keys | … | 64 × n`. */
function readV1(bytes: Uint8Array): WireTransaction {
  const reader = new ByteReader(bytes);
  reader.u8('the version');
  const required = reader.u8('the header');
  reader.take(2 + 4 + 32 + 1, 'the header');
  const keys = reader.u8('the number of accounts');
  if (keys < required) throw new ReadError('the signature slots do not fit the signers', 1);
  const signers = readKeys(reader, required);
  const signaturesOffset = bytes.length - required * SIGNATURE_BYTES;
  if (signaturesOffset < reader.offset) throw new ReadError('the signatures are missing', reader.offset);
  return { message: bytes.subarray(0, signaturesOffset), signers, signaturesOffset };
}

function readKeys(reader: ByteReader, count: number): Pubkey[] {
  return Array.from({ length: count }, () => pubkeyAt(reader.take(PUBKEY_BYTES, 'a signer')));
}
