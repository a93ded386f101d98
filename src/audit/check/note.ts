import { decodeBase64 } from '../../core/base64.js';
import { enrolKey, verifyStrict, type VerifyingKey } from '../../core/ed25519.js';
import { sha256 } from '../../core/sha256.js';

/** C2SP signed-note: who may sign, by name and key. */
export interface NoteKey {
  readonly name: string;
  /** First 4 bytes of SHA-256(name ‖ LF ‖ algorithm ‖ key). */
  readonly id: Buffer;
  readonly key: VerifyingKey;
}

export interface OpenedNote {
  /** The signed text, its last line feed included. */
  readonly text: string;
  /** Names of the keys whose signature holds. */
  readonly signers: readonly string[];
}

const ALGORITHM_ED25519 = 0x01;
const LINE_FEED = 0x0a;
const MAX_NOTE_BYTES = 1_000_000;
const MAX_SIGNATURES = 100;
const SIGNATURE_LINE = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/u;

/** Null when the 32 bytes are no sound Ed25519 key. */
export function noteKey(name: string, publicKey: Uint8Array): NoteKey | null {
  const key = enrolKey(publicKey);
  if (key === null) return null;
  const digest = sha256(Buffer.from(`${name}\n`), Uint8Array.of(ALGORITHM_ED25519), key.bytes);
  return { name, id: digest.subarray(0, 4), key };
}

/** A verifier key `<name>+<8 hex>+<base64>` (C2SP signed-note); null when it is not one. */
export function parseVerifierKey(text: string): NoteKey | null {
  // The base64 may hold a plus: only the first two separate.
  const match = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/u.exec(text);
  if (match?.[1] === undefined || match[2] === undefined || match[3] === undefined) return null;
  const bytes = decodeBase64(match[3]);
  if (bytes?.length !== 33 || bytes[0] !== ALGORITHM_ED25519) return null;
  const key = noteKey(match[1], bytes.subarray(1));
  return key?.id.toString('hex') === match[2] ? key : null;
}

/**
 * Opens a signed note: text, an empty line, signature lines. Unknown signers are ignored; a known one that fails
 * spoils the note. The sentence says why it does not hold.
 */
export function openNote(bytes: Uint8Array, keys: readonly NoteKey[]): OpenedNote | string {
  if (bytes.length > MAX_NOTE_BYTES) return 'it is larger than a megabyte';
  if (bytes.some((byte) => byte < 0x20 && byte !== LINE_FEED)) return 'it holds control characters';
  let note: string;
  try {
    note = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return 'it is not UTF-8';
  }
  const split = note.lastIndexOf('\n\n');
  if (split < 0 || !note.endsWith('\n')) return 'it has no signature lines';
  const text = note.slice(0, split + 1);
  const lines = note.slice(split + 2, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) return `it has more than ${String(MAX_SIGNATURES)} signatures`;
  const signers = new Set<NoteKey>();
  for (const line of lines) {
    const match = SIGNATURE_LINE.exec(line);
    const blob = match?.[2] === undefined ? null : decodeBase64(match[2]);
    if (match?.[1] === undefined || blob === null || blob.length < 5) return 'a signature line is malformed';
    const name = match[1];
    const [known, ...more] = keys.filter((key) => key.name === name && key.id.equals(blob.subarray(0, 4)));
    if (more.length > 0) return `two keys are known as ${name} with one id`;
    // A second line of the same signer says nothing more (and must not be a way to spoil the note).
    if (known === undefined || signers.has(known)) continue;
    if (!verifyStrict(known.key, Buffer.from(text), blob.subarray(4)))
      return `the signature of ${name} does not hold`;
    signers.add(known);
  }
  return signers.size === 0
    ? 'no known key signed it'
    : { text, signers: [...signers].map((key) => key.name) };
}
