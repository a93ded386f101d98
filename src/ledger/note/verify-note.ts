import { verifyStrict } from '../../core/ed25519.js';
import { readCosignature } from './cosignature.js';
import type { NoteKey } from './key.js';
import { parseNote, type Note, type NoteSignature } from './note.js';

export interface VerifiedSignature {
  readonly key: NoteKey;
  /** Seconds since the epoch that a witness states; null for a plain signature. */
  readonly time: number | null;
}

export type NoteVerdict =
  | {
      readonly ok: true;
      readonly text: string;
      readonly verified: readonly VerifiedSignature[];
      /** Of keys that are not known. */
      readonly unverified: readonly NoteSignature[];
    }
  | { readonly ok: false; readonly why: 'malformed' | 'invalid-signature' | 'unverified' | 'ambiguous' };

/**
 * Opens a signed note with the keys one trusts, as C2SP signed-note says: signatures of unknown keys are ignored,
 * one of a known key that does not verify rejects the note, and so does a note that no known key signed.
 */
export function verifyNote(bytes: Uint8Array, keys: readonly NoteKey[]): NoteVerdict {
  const note = parseNote(bytes);
  if (note === null) return { ok: false, why: 'malformed' };
  const verified = new Map<NoteKey, VerifiedSignature>();
  const unverified = new Map<string, NoteSignature>();
  for (const signature of note.signatures) {
    const [key, second] = keys.filter(({ name, id }) => name === signature.name && id === signature.id);
    if (key === undefined) {
      unverified.set(
        `${signature.name} ${signature.id} ${Buffer.from(signature.signature).toString('hex')}`,
        signature,
      );
      continue;
    }
    if (second !== undefined) return { ok: false, why: 'ambiguous' };
    if (verified.has(key)) continue;
    const found = verifySignature(note, signature, key);
    if (found === null) return { ok: false, why: 'invalid-signature' };
    verified.set(key, found);
  }
  if (verified.size === 0) return { ok: false, why: 'unverified' };
  return {
    ok: true,
    text: note.text,
    verified: [...verified.values()],
    unverified: [...unverified.values()],
  };
}

function verifySignature(note: Note, { signature }: NoteSignature, key: NoteKey): VerifiedSignature | null {
  switch (key.algorithm) {
    case 'ed25519':
      return verifyStrict(key.key, Buffer.from(note.text), signature) ? { key, time: null } : null;
    case 'cosignature/v1': {
      const cosignature = readCosignature(note.text, signature);
      if (cosignature === null || !verifyStrict(key.key, cosignature.message, cosignature.signature))
        return null;
      return { key, time: cosignature.time };
    }
  }
}
