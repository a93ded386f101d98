import { decodeBase64 } from '../../core/base64.js';
import { enrolKey, verifyStrict, type VerifyingKey } from '../../core/ed25519.js';
import { sha256 } from '../../core/sha256.js';
import { decodeUtf8 } from '../../core/utf8.js';

/** Signature types of C2SP signed-note: a log signs the text, a witness the text with a time before it. */
const ALGORITHMS = { ed25519: 0x01, 'cosignature/v1': 0x04 } as const;
type Algorithm = keyof typeof ALGORITHMS;

/** C2SP signed-note: who may sign, by name and key. */
export interface NoteKey {
  readonly name: string;
  /** First 4 bytes of SHA-256(name ‖ LF ‖ algorithm ‖ key). */
  readonly id: Buffer;
  readonly key: VerifyingKey;
}

/** A signature line, not verified. */
export interface NoteLine {
  readonly name: string;
  readonly id: Buffer;
  readonly signature: Buffer;
  /** Byte offset of the line in the note. */
  readonly offset: number;
}

/** A signed note taken apart, nothing verified. */
export interface Note {
  /** The signed text, its last line feed included. */
  readonly text: string;
  readonly lines: readonly NoteLine[];
}

interface OpenedNote {
  readonly text: string;
  /** Names of the keys whose signature holds. */
  readonly signers: readonly string[];
}

const LINE_FEED = 0x0a;
const MAX_NOTE_BYTES = 1_000_000;
const MAX_SIGNATURES = 100;
const SIGNATURE_LINE = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/u;

/** Null when the 32 bytes are no sound Ed25519 key. */
export function noteKey(
  name: string,
  publicKey: Uint8Array,
  algorithm: Algorithm = 'ed25519',
): NoteKey | null {
  const key = enrolKey(publicKey);
  if (key === null) return null;
  const digest = sha256(Buffer.from(`${name}\n`), Uint8Array.of(ALGORITHMS[algorithm]), key.bytes);
  return { name, id: digest.subarray(0, 4), key };
}

/** A log's verifier key `<name>+<8 hex>+<base64>` (C2SP signed-note); null when it is not one. */
export function parseVerifierKey(text: string): NoteKey | null {
  // The base64 may hold a plus: only the first two separate.
  const match = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/u.exec(text);
  if (match?.[1] === undefined || match[2] === undefined || match[3] === undefined) return null;
  const bytes = decodeBase64(match[3]);
  if (bytes?.[0] !== ALGORITHMS.ed25519) return null;
  const key = noteKey(match[1], bytes.subarray(1));
  return key?.id.toString('hex') === match[2] ? key : null;
}

/** Takes a signed note apart: text, an empty line, signature lines. The sentence says why it is none. */
export function parseNote(bytes: Uint8Array): Note | string {
  if (bytes.length > MAX_NOTE_BYTES) return 'it is larger than a megabyte';
  if (bytes.some((byte) => byte < 0x20 && byte !== LINE_FEED)) return 'it holds control characters';
  const note = decodeUtf8(bytes);
  if (note === null) return 'it is not UTF-8';
  const split = note.lastIndexOf('\n\n');
  if (split < 0 || !note.endsWith('\n')) return 'it has no signature lines';
  const text = note.slice(0, split + 1);
  const texts = note.slice(split + 2, -1).split('\n');
  if (texts.length > MAX_SIGNATURES) return `it has more than ${String(MAX_SIGNATURES)} signatures`;
  const lines: NoteLine[] = [];
  let offset = Buffer.byteLength(text) + 1;
  for (const line of texts) {
    const match = SIGNATURE_LINE.exec(line);
    const blob = match?.[2] === undefined ? null : decodeBase64(match[2]);
    if (match?.[1] === undefined || blob === null || blob.length < 5) return 'a signature line is malformed';
    lines.push({ name: match[1], id: blob.subarray(0, 4), signature: blob.subarray(4), offset });
    offset += Buffer.byteLength(line) + 1;
  }
  return { text, lines };
}

/**
 * Opens a signed note with the keys of logs. Unknown signers are ignored; a known one that fails spoils the note.
 * The sentence says why it does not hold.
 */
export function openNote(bytes: Uint8Array, keys: readonly NoteKey[]): OpenedNote | string {
  const note = parseNote(bytes);
  if (typeof note === 'string') return note;
  const { text, lines } = note;
  const signers = new Set<NoteKey>();
  for (const { name, id, signature } of lines) {
    const [known, ...more] = keys.filter((key) => key.name === name && key.id.equals(id));
    if (more.length > 0) return `two keys are known as ${name} with one id`;
    // A second line of the same signer says nothing more (and must not be a way to spoil the note).
    if (known === undefined || signers.has(known)) continue;
    if (!verifyStrict(known.key, Buffer.from(text), signature))
      return `the signature of ${name} does not hold`;
    signers.add(known);
  }
  return signers.size === 0
    ? 'no known key signed it'
    : { text, signers: [...signers].map((key) => key.name) };
}
