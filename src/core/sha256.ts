import { createHash, hash } from 'node:crypto';

/** SHA-256 over the concatenation of `parts`: 32 bytes. */
export function sha256(...parts: readonly Uint8Array[]): Buffer {
  const [only] = parts;
  // One call without a hash object, for what is hashed at every request.
  if (only !== undefined && parts.length === 1) return hash('sha256', only, 'buffer');
  const several = createHash('sha256');
  for (const part of parts) several.update(part);
  return several.digest();
}

/** SHA-256 as 64 lower-case hex digits. */
export function sha256Hex(...parts: readonly Uint8Array[]): string {
  const [only] = parts;
  return only !== undefined && parts.length === 1 ? hash('sha256', only) : sha256(...parts).toString('hex');
}
