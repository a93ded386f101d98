import { sha256 } from '../../src/core/sha256.js';

/** RFC 6962 section 2.1, of any bytes; an entry's own is `entryHash`. */
export function leafHash(data: Uint8Array): Buffer {
  return sha256(Buffer.of(0x00), data);
}
