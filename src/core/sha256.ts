import { createHash } from 'node:crypto';

/** SHA-256 over the concatenation of `parts`: 32 bytes. */
export function sha256(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** SHA-256 as 64 lower-case hex digits. */
export function sha256Hex(...parts: readonly Uint8Array[]): string {
  return sha256(...parts).toString('hex');
}
