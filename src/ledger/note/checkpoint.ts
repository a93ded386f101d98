import { decodeBase64, encodeBase64 } from '../../core/base64.js';
import { ChanceryError } from '../../core/errors.js';
import { verifyStrict } from '../../core/ed25519.js';
import { readSequence } from '../chain.js';
import { HASH_BYTES } from '../tree/hash.js';
import { noteKey, type NoteKey } from './key.js';
import { formatNote } from './note.js';

/** What a log commits to (C2SP tlog-checkpoint), without extension lines. */
export interface Checkpoint {
  readonly origin: string;
  /** Entries. */
  readonly size: number;
  /** RFC 6962 root, 32 bytes. */
  readonly root: Uint8Array;
}

/** The note text: begins with the origin, so that no other thing the ledger key signs can be taken for it. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${String(size)}\n${encodeBase64(root)}\n`;
}

/** Null when the text is not exactly origin, canonical size and canonical root. */
export function parseCheckpoint(text: string): Checkpoint | null {
  const [origin, decimal, base64, end, ...extensions] = text.split('\n');
  if (origin === undefined || origin === '' || decimal === undefined || base64 === undefined) return null;
  if (end !== '' || extensions.length > 0) return null;
  const size = readSequence(decimal);
  const root = decodeBase64(base64);
  return size === null || root?.length !== HASH_BYTES ? null : { origin, size, root };
}

/** The key that signs checkpoints of a ledger: its name is the origin. Null when the bytes are no good key. */
export function ledgerNoteKey(origin: string, publicKey: Uint8Array): NoteKey | null {
  return noteKey(origin, 'ed25519', publicKey);
}

/**
 * A signed checkpoint. `sign` has the ledger key sign exactly these bytes; what it returns is verified before it
 * is used. The caller MUST pass only roots of this ledger: two checkpoints that contradict each other prove to
 * everyone that the log is not append-only. Throws SIGNATURE_WRONG.
 */
export async function signCheckpoint(
  checkpoint: Checkpoint,
  key: NoteKey,
  sign: (message: Uint8Array) => Promise<Uint8Array>,
): Promise<string> {
  const text = formatCheckpoint(checkpoint);
  const message = Buffer.from(text);
  const signature = await sign(message);
  if (!verifyStrict(key.key, message, signature)) {
    throw new ChanceryError('SIGNATURE_WRONG', 'the signature of the checkpoint is not by the ledger key');
  }
  return formatNote({ text, signatures: [{ name: key.name, id: key.id, signature }] });
}
