import { decodeBase64 } from '../../core/base64.js';
import { openNote, type NoteKey } from './note.js';

/** What a signed checkpoint (C2SP tlog-checkpoint) says. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  /** 32 bytes, base64. */
  readonly root: string;
}

/** Opens a checkpoint signed by the key named for its origin; the sentence says why it does not hold. */
export function openCheckpoint(note: Uint8Array, keys: readonly NoteKey[]): Checkpoint | string {
  const opened = openNote(note, keys);
  if (typeof opened === 'string') return opened;
  const match = /^([^\n]+)\n(0|[1-9]\d{0,14})\n([^\n]+)\n$/.exec(opened.text);
  if (match?.[1] === undefined || match[2] === undefined || match[3] === undefined) {
    return 'its text is not `<origin>`, `<size>`, `<root>`';
  }
  const [, origin, size, root] = match;
  if (decodeBase64(root)?.length !== 32) return 'its root is not the base64 of 32 bytes';
  if (!opened.signers.includes(origin)) return 'the key of its origin did not sign it';
  return { origin, size: Number(size), root };
}
