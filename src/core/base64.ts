/**
 * Strict base64: the text must be what encoding its bytes gives. `Buffer.from(s, 'base64')` skips junk, so two
 * texts could stand for the same bytes. Null when it is not canonical.
 */
export function decodeBase64(text: string): Buffer | null {
  if (text.length % 4 !== 0) return null;
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : null;
}

export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
