import { decodeBase64, encodeBase64 } from '../../core/base64.js';
import { readSequence } from '../chain.js';
import { HASH_BYTES } from '../tree/hash.js';
import { verifyInclusion } from '../tree/verify-inclusion.js';
import { parseCheckpoint, type Checkpoint } from './checkpoint.js';
import type { NoteKey } from './key.js';
import { verifyNote, type VerifiedSignature } from './verify-note.js';

const HEADER = 'c2sp.org/tlog-proof@v1';

/** A proof that an entry is in a log (C2SP tlog-proof): everything a verifier needs but the entry and the keys. */
export interface TlogProof {
  /** Opaque to the format; absent in ours. */
  readonly extra?: Uint8Array;
  readonly index: number;
  readonly hashes: readonly Uint8Array[];
  /** The signed checkpoint, whole. */
  readonly checkpoint: string;
}

export function formatTlogProof({ extra, index, hashes, checkpoint }: TlogProof): string {
  const lines = [
    HEADER,
    ...(extra === undefined ? [] : [`extra ${encodeBase64(extra)}`]),
    `index ${String(index)}`,
    ...hashes.map(encodeBase64),
  ];
  return `${lines.join('\n')}\n\n${checkpoint}`;
}

/** Null for anything that is not written exactly so: junk base64, leading zeros, carriage returns. */
export function parseTlogProof(text: string): TlogProof | null {
  const blank = text.indexOf('\n\n');
  if (blank === -1) return null;
  const [header, ...lines] = text.slice(0, blank).split('\n');
  if (header !== HEADER) return null;
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
