import { decodeBase64 } from '../../src/core/base64.js';
import { readSequence } from '../../src/ledger/chain.js';
import { parseCheckpoint, type Checkpoint } from '../../src/ledger/note/checkpoint.js';
import type { NoteKey } from '../../src/ledger/note/key.js';
import type { TlogProof } from '../../src/ledger/note/tlog-proof.js';
import { verifyNote, type VerifiedSignature } from '../../src/ledger/note/verify-note.js';
import { HASH_BYTES } from '../../src/ledger/tree/hash.js';
import { verifyInclusion } from '../../src/ledger/tree/verify-inclusion.js';

/** What whoever is given a proof does with it. Null for anything that is not written exactly so: junk base64, leading zeros, carriage returns. */
export function parseTlogProof(text: string): TlogProof | null {
  const blank = text.indexOf('\n\n');
  if (blank === -1) return null;
  const [header, ...lines] = text.slice(0, blank).split('\n');
  if (header !== 'c2sp.org/tlog-proof@v1') return null;
  const extraLine = lines[0]?.startsWith('extra ') === true ? lines.shift() : undefined;
  const indexLine = lines.shift();
  const extra = extraLine === undefined ? undefined : decodeBase64(extraLine.slice('extra '.length));
  if (extra === null || indexLine?.startsWith('index ') !== true) return null;
  const index = readSequence(indexLine.slice('index '.length));
  // A tree of 2^53 leaves is 53 levels high.
  if (index === null || lines.length > 64) return null;
  const hashes: Uint8Array[] = [];
  for (const line of lines) {
    const hash = decodeBase64(line);
    if (hash?.length !== HASH_BYTES) return null;
    hashes.push(hash);
  }
  return { ...(extra === undefined ? {} : { extra }), index, hashes, checkpoint: text.slice(blank + 2) };
}

export type ProofVerdict =
  | {
      readonly ok: true;
      readonly index: number;
      readonly checkpoint: Checkpoint;
      readonly verified: readonly VerifiedSignature[];
    }
  | { readonly ok: false; readonly why: 'malformed' | 'checkpoint' | 'origin' | 'inclusion' };

/** Verifies that the entry with this leaf hash is in the log of `origin`, signed by keys one trusts. */
export function verifyTlogProof(
  text: string,
  leaf: Uint8Array,
  origin: string,
  keys: readonly NoteKey[],
): ProofVerdict {
  const proof = parseTlogProof(text);
  if (proof === null) return { ok: false, why: 'malformed' };
  const note = verifyNote(Buffer.from(proof.checkpoint), keys);
  if (!note.ok) return { ok: false, why: 'checkpoint' };
  const checkpoint = parseCheckpoint(note.text);
  if (checkpoint === null) return { ok: false, why: 'checkpoint' };
  // Witnesses alone do not make a checkpoint of this log: the log's own key must be among the signers.
  const own = note.verified.some(({ key }) => key.name === origin && key.algorithm === 'ed25519');
  if (checkpoint.origin !== origin || !own) return { ok: false, why: 'origin' };
  const { size, root } = checkpoint;
  const included = verifyInclusion({ index: proof.index, size, leaf, root, proof: proof.hashes });
  if (!included) return { ok: false, why: 'inclusion' };
  return { ok: true, index: proof.index, checkpoint, verified: note.verified };
}
