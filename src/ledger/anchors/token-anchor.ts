import { ChanceryError } from '../../core/errors.js';
import { openSignedCheckpoint } from '../checkpoint/signed-checkpoint.js';
import type { NoteKey } from '../note/key.js';
import type { Anchor } from './anchor.js';

/** Small objects on a token that outlive the process, by the name of the ledger they belong to. */
export interface TokenObjects {
  /** Which token the policy pins under the name, as text. */
  readonly pinned: string;
  /** Every object of this name. Throws HSM_UNAVAILABLE. */
  readObjects(name: string): Promise<readonly Uint8Array[]>;
  /** Puts a new object there and then takes the others of its name away, so that there is never none. */
  replaceObjects(name: string, value: Uint8Array): Promise<void>;
}

/**
 * The checkpoint as a data object on a token. A crash between the new object and the removal of the old leaves two.
 * No stronger than the token's own storage. Another token under the same name is another anchor: it may hold something
 * that stands against the ledger, and holds no checkpoint before it was given one.
 */
export function tokenAnchor(objects: TokenObjects, token: string, lag: number, key: NoteKey): Anchor {
  return {
    id: JSON.stringify(['token', token, objects.pinned, lag]),
    name: `token ${token}`,
    lag,
    read: async () => {
      const found = await objects.readObjects(key.name);
      const checkpoints = found.flatMap((bytes) => openSignedCheckpoint(bytes, key) ?? []);
      if (checkpoints.length > 0 || found.length === 0) {
        return checkpoints.map((checkpoint) => ({ checkpoint, witnessed: null }));
      }
      throw new ChanceryError(
        'LEDGER_UNAVAILABLE',
        `the anchor on token ${token} is not a checkpoint that the ledger key signed`,
      );
    },
    write: ({ note }) => objects.replaceObjects(key.name, Buffer.from(note)),
  };
}
