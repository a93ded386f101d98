import { createHash } from 'node:crypto';

/** SHA-512 over the concatenation of `parts`. */
export function sha512(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha512');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
