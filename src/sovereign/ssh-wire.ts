import { ReadError, type ByteReader } from '../core/byte-reader.js';

/** An SSH `string` (RFC 4251, section 5): u32 big-endian length, then that many bytes, at most `max`. */
export function sshString(reader: ByteReader, what: string, max: number): Uint8Array {
  const at = reader.offset;
  const length = reader.u32be(`the length of ${what}`);
  if (length > max) throw new ReadError(`${what} is longer than ${String(max)} bytes`, at);
  return reader.take(length, what);
}

/** Encodes an SSH `string`. */
export function toSshString(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
