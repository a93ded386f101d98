import { decodeBase58 } from '../../../src/core/base58.js';

const SYSTEM = Buffer.alloc(32);

/** The bytes of a legacy message: one System transfer of `lamports`; `nonce` makes it unique. */
export function transferMessage(from: string, to: string, lamports: bigint, nonce: number): Buffer {
  const blockhash = Buffer.alloc(32);
  blockhash.writeUInt32LE(nonce + 1);
  const data = Buffer.alloc(12);
  data.writeUInt32LE(2);
  data.writeBigUInt64LE(lamports, 4);
  return Buffer.concat([
    Buffer.from([1, 0, 1, 3]),
    decodeBase58(from) ?? Buffer.alloc(0),
    decodeBase58(to) ?? Buffer.alloc(0),
    SYSTEM,
    blockhash,
    Buffer.from([1, 2, 2, 0, 1, data.length]),
    data,
  ]);
}
