import { join } from 'node:path';
import { encodeBase64 } from '../../core/base64.js';
import { readIfThere, writeAll, type Files } from '../../core/files.js';
import { parseCheckpoint } from '../note/checkpoint.js';
import type { NoteKey } from '../note/key.js';
import { verifyNote } from '../note/verify-note.js';
import { writeDurably } from '../store/write-durably.js';

/** The newest checkpoint, beside the segments. */
export const CHECKPOINT_FILE = 'checkpoint';
/** A hundred cosignatures fit many times over. */
const MAX_CHECKPOINT_BYTES = 64 * 1024;

/** A checkpoint that the ledger key signed. */
export interface SignedCheckpoint {
  /** Entries. */
  readonly size: number;
  /** RFC 6962 root, base64. */
  readonly root: string;
  /** The signed note, whole. */
  readonly note: string;
}

/** Null when the ledger key did not sign these bytes as a checkpoint of its ledger. */
export function openSignedCheckpoint(bytes: Uint8Array, key: NoteKey): SignedCheckpoint | null {
  const opened = verifyNote(bytes, [key]);
  if (!opened.ok) return null;
  const checkpoint = parseCheckpoint(opened.text);
  if (checkpoint?.origin !== key.name) return null;
  const { size, root } = checkpoint;
  return { size, root: encodeBase64(root), note: Buffer.from(bytes).toString('utf8') };
}

/** The bytes of a small file; null when there is none. What is longer than any checkpoint comes cut, and fails. */
export async function readNoteFile(files: Files, path: string): Promise<Uint8Array | null> {
  return await readIfThere(files, path, async (file) => {
    const buffer = Buffer.alloc(Math.min(await file.size(), MAX_CHECKPOINT_BYTES));
    return buffer.subarray(0, await file.read(buffer, 0));
  });
}

/** Replaces the file as a whole: a reader sees the old or the new one, also after a power cut. */
export async function writeNoteFile(
  files: Files,
  directory: string,
  name: string,
  note: string,
): Promise<void> {
  await writeDurably(files, directory, name, (file) => writeAll(file, Buffer.from(note), 0));
}

/** The newest checkpoint of a ledger directory, whose signature holds; null when there is none. */
export async function readOwnCheckpoint(
  files: Files,
  directory: string,
  key: NoteKey,
): Promise<SignedCheckpoint | null> {
  const bytes = await readNoteFile(files, join(directory, CHECKPOINT_FILE));
  return bytes === null ? null : openSignedCheckpoint(bytes, key);
}
