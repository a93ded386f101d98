import { decodeBase64, encodeBase64 } from '../../core/base64.js';
import { decodeUtf8 } from '../../core/utf8.js';
import { isNoteName } from './key.js';

/** As golang.org/x/mod/sumdb/note: a bound on what a stranger can make us verify. */
const MAX_NOTE_BYTES = 1_000_000;
export const MAX_SIGNATURES = 100;

export interface NoteSignature {
  readonly name: string;
  /** Eight lower-case hex digits; a hint which key it is, nothing more. */
  readonly id: string;
  readonly signature: Uint8Array;
}

/** A signed note (C2SP signed-note), taken apart and not yet verified. */
export interface Note {
  /** What is signed, its last newline included. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** Null when the bytes are not a signed note. */
export function parseNote(bytes: Uint8Array): Note | null {
  if (bytes.length > MAX_NOTE_BYTES) return null;
  const whole = decodeUtf8(bytes);
  // eslint-disable-next-line no-control-regex -- the specification excludes exactly these
  if (whole === null || /[\0-\x09\x0b-\x1f]/.test(whole)) return null;
  // The last blank line: the text may hold others.
  const blank = whole.lastIndexOf('\n\n');
  if (blank === -1 || !whole.endsWith('\n')) return null;
  const lines = whole
    .slice(blank + 2)
    .split('\n')
    .slice(0, -1);
  if (lines.length === 0 || lines.length > MAX_SIGNATURES) return null;
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const signature = parseSignatureLine(line);
    if (signature === null) return null;
    signatures.push(signature);
  }
  return { text: whole.slice(0, blank + 1), signatures };
}

function parseSignatureLine(line: string): NoteSignature | null {
  const [dash, name, base64, ...rest] = line.split(' ');
  if (dash !== '\u2014' || name === undefined || base64 === undefined || rest.length > 0) return null;
  const bytes = decodeBase64(base64);
  if (!isNoteName(name) || bytes === null || bytes.length < 5) return null;
  return { name, id: bytes.toString('hex', 0, 4), signature: bytes.subarray(4) };
}

export function formatSignatureLine({ name, id, signature }: NoteSignature): string {
  return `\u2014 ${name} ${encodeBase64(Buffer.concat([Buffer.from(id, 'hex'), signature]))}\n`;
}

export function formatNote({ text, signatures }: Note): string {
  return `${text}\n${signatures.map(formatSignatureLine).join('')}`;
}
