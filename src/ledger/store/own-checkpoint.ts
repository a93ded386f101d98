import { join } from 'node:path';
import { decodeBase58 } from '../../core/base58.js';
import type { Files } from '../../core/files.js';
import { CHECKPOINT_FILE, openSignedCheckpoint, readNoteFile } from '../checkpoint/signed-checkpoint.js';
import type { Fold } from '../fold/fold.js';
import { ledgerNoteKey, parseCheckpoint } from '../note/checkpoint.js';
import { parseNote } from '../note/note.js';

/**
 * The checkpoint beside the ledger, held against the entries as they are folded. It was written after the entries
 * it covers were durable: fewer entries, or others, mean that something was lost or changed, and a ledger that went
 * on from there would sign a second, contradicting history.
 */
export class OwnCheckpoint {
  readonly #bytes: Uint8Array;
  readonly #size: number | null;
  #root: string | null = null;

  private constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    const note = parseNote(bytes);
    this.#size = note === null ? null : (parseCheckpoint(note.text)?.size ?? null);
  }

  /** Null when there is none. */
  static async read(files: Files, directory: string): Promise<OwnCheckpoint | null> {
    const bytes = await readNoteFile(files, join(directory, CHECKPOINT_FILE));
    return bytes === null ? null : new OwnCheckpoint(bytes);
  }

  /** Entries it says it covers, whoever signed it; null when it cannot be read. */
  get size(): number | null {
    return this.#size;
  }

  /** Call after each entry. */
  see(fold: Fold): void {
    if (fold.size === this.#size) this.#root = fold.root();
  }

  /** Why the ledger that was folded is not the one it vouches for; null when it is. */
  fault(fold: Fold): string | null {
    const publicKey = decodeBase58(fold.ledgerKey);
    const key = publicKey === null ? null : ledgerNoteKey(fold.origin, publicKey);
    const checkpoint = key === null ? null : openSignedCheckpoint(this.#bytes, key);
    if (checkpoint === null) return 'the checkpoint beside the ledger is not signed by the ledger key';
    if (checkpoint.size > fold.size) {
      return `the checkpoint beside the ledger covers ${String(checkpoint.size)} entries`;
    }
    if (checkpoint.root !== this.#root)
      return 'the checkpoint beside the ledger has another root at its size';
    return null;
  }
}
