import { randomBytes } from 'node:crypto';
import { decodeBase58 } from '../../../src/core/base58.js';

/** Legacy: count, one signature, four bytes of header and count, three keys, then the blockhash. */
const BLOCKHASH_AT = 1 + 64 + 4 + 3 * 32;

/** Base64 of transfers from a key, each with other bytes: none is a repeat of another. */
export function transfers(from: string, to: string, lamports = 1n): () => string {
  const data = Buffer.alloc(12);
  data.writeUInt32LE(2, 0);
  data.writeBigUInt64LE(lamports, 4);
  const template = Buffer.concat([
    Buffer.from([1]),
    Buffer.alloc(64),
    Buffer.from([1, 0, 1, 3]),
    bytesOf(from),
    bytesOf(to),
    Buffer.alloc(32),
    randomBytes(32),
    Buffer.from([1, 2, 2, 0, 1, data.length]),
    data,
  ]);
  let made = 0;
  return () => {
    made += 1;
    template.writeUInt32LE(made, BLOCKHASH_AT);
    return template.toString('base64');
  };
}

function bytesOf(address: string): Uint8Array {
  const bytes = decodeBase58(address);
  if (bytes === null) throw new Error(`${address} is not base58`);
  return bytes;
}
