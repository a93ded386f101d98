import { originName, originOf } from '../../core/origin.js';
import { parseAddress, pubkeyBytes } from '../../core/pubkey.js';
import type { PinnedKey } from '../pinned-keys.js';
import type { CheckpointFile } from './expected-checkpoints.js';
import { noteKey, type NoteKey } from './note.js';

/** The key that signs a ledger's checkpoints; null when it is no sound Ed25519 key. */
export function ledgerNoteKey(origin: string, publicKey: string): NoteKey | null {
  const pubkey = parseAddress(publicKey);
  return pubkey === null ? null : noteKey(origin, pubkeyBytes(pubkey));
}

export interface KnownLedger {
  readonly origin: string;
  /** Base58. */
  readonly publicKey: string;
  readonly key: NoteKey;
}

/**
 * Whose ledger it is when its genesis is not there: the first pinned key of which some checkpoint claims to be. The
 * key is in the origin, so a checkpoint cannot claim the name of another.
 */
export function pinnedLedger(
  pins: readonly PinnedKey[],
  files: readonly CheckpointFile[],
): KnownLedger | null {
  const claimed = files.map(({ bytes }) => Buffer.from(bytes).toString('utf8').split('\n', 1)[0] ?? '');
  for (const { publicKey, origin: expected } of pins) {
    const pubkey = parseAddress(publicKey);
    if (pubkey === null) continue;
    const origin = claimed.find((claim) => {
      const name = originName(claim);
      return name !== null && originOf(name, pubkeyBytes(pubkey)) === claim;
    });
    const key = origin === undefined ? null : ledgerNoteKey(origin, publicKey);
    if (origin !== undefined && key !== null && (expected === null || expected === origin)) {
      return { origin, publicKey, key };
    }
  }
  return null;
}
