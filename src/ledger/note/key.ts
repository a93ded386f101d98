import { decodeBase64 } from '../../core/base64.js';
import { enrolKey, type VerifyingKey } from '../../core/ed25519.js';
import { sha256 } from '../../core/sha256.js';

/** Signature types of C2SP signed-note: 0x01 signs the text, 0x04 is a timestamped cosignature. */
export const ALGORITHMS = { ed25519: 0x01, 'cosignature/v1': 0x04 } as const;
export type NoteAlgorithm = keyof typeof ALGORITHMS;

/** A key that may sign notes: a log's or a witness's. */
export interface NoteKey {
  readonly name: string;
  /** Eight lower-case hex digits. */
  readonly id: string;
  readonly algorithm: NoteAlgorithm;
  readonly key: VerifyingKey;
}

/** No space of Unicode and no plus sign, so that it can be found again in a line or a vkey. */
export function isNoteName(name: string): boolean {
  return name !== '' && !/[\s\u0085+]/u.test(name);
}

/** First four bytes of SHA-256(name ‖ 0x0A ‖ algorithm ‖ key), hex. */
function noteKeyId(name: string, algorithm: NoteAlgorithm, publicKey: Uint8Array): string {
  return sha256(Buffer.from(`${name}\n`), Buffer.of(ALGORITHMS[algorithm]), publicKey).toString('hex', 0, 4);
}

/** Null when the name cannot stand in a note or the 32 bytes are no strict Ed25519 key. */
export function noteKey(name: string, algorithm: NoteAlgorithm, publicKey: Uint8Array): NoteKey | null {
  const key = enrolKey(publicKey);
  if (key === null || !isNoteName(name)) return null;
  return { name, id: noteKeyId(name, algorithm, publicKey), algorithm, key };
}

/** `<name>+<id>+<base64 of algorithm ‖ key>`; null when it is no such key of a known algorithm whose id is right. */
export function parseVkey(text: string): NoteKey | null {
  // Base64 may hold plus signs: only the first two separate.
  const [name, id, ...rest] = text.split('+');
  const bytes = decodeBase64(rest.join('+'));
  if (name === undefined || bytes?.length !== 33) return null;
  for (const algorithm of ['ed25519', 'cosignature/v1'] as const) {
    if (bytes[0] !== ALGORITHMS[algorithm]) continue;
    const parsed = noteKey(name, algorithm, bytes.subarray(1));
    return parsed?.id === id ? parsed : null;
  }
  return null;
}
