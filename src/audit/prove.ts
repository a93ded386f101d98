import { join } from 'node:path';
import { ChanceryError } from '../core/errors.js';
import { readFileIfThere } from '../core/read-file.js';
import { inclusionRanges } from '../ledger/tree/subtrees.js';
import { openCheckpoint, type Checkpoint } from './check/checkpoint.js';
import { CHECKPOINT_FILE } from './check/note-files.js';
import { ledgerNoteKey } from './check/ledger-key.js';
import { parsePinnedKey, pinFault } from './pinned-keys.js';
import { CompactRange } from './read/compact-range.js';
import type { Progress } from './read/progress.js';
import { listSegments, sizeOf, type LedgerFiles } from './read/segments.js';
import { walk, type Step } from './read/walk.js';

export interface ProveOptions extends LedgerFiles {
  readonly sequence: number;
  /** File of the checkpoint to prove against; the newest beside the ledger unless given. */
  readonly checkpoint?: string;
  /** Ledger keys known from elsewhere; without one the genesis vouches for itself. */
  readonly publicKeys?: readonly string[];
  readonly progress?: (progress: Progress) => void;
}

export interface Proof {
  /** C2SP tlog-proof. */
  readonly text: string;
  readonly sequence: number;
  /** Leaf hash of the entry, hex: what the proof is about. */
  readonly hash: string;
  readonly origin: string;
  /** Entries under the checkpoint. */
  readonly size: number;
}

/**
 * Proves from the files and public keys alone that an entry is under a signed checkpoint. Every line under the
 * checkpoint is read and checked, in constant memory; tiles are not used. Throws LEDGER_MISSING, FILE_UNREADABLE,
 * LEDGER_DAMAGED, USAGE (no such entry, or none under this checkpoint).
 */
export async function proveFromFiles(options: ProveOptions): Promise<Proof> {
  const { directory, sequence, progress } = options;
  const given = options.checkpoint;
  const path = given ?? join(directory, CHECKPOINT_FILE);
  const note = readFileIfThere(path, path, given === undefined ? 'refused' : 'awaited');
  if (note === null) throw noCheckpoint(path);
  const claimed = claimedSize(path, note);
  if (sequence >= claimed) throw notCovered(sequence, claimed);
  // Each range is one hash of the proof; together with the entry they are the whole tree.
  const ranges = inclusionRanges(sequence, claimed).map((range) => ({ ...range, tree: new CompactRange() }));
  const whole = new CompactRange();
  let genesis: Step | null = null;
  let entry: Step | null = null;
  const segments = await listSegments(options);
  const totalBytes = sizeOf(segments);
  let bytes = 0;
  reading: for await (const walked of walk(segments)) {
    if (walked.damage !== undefined) {
      // What the checkpoint does not cover is not asked: behind it a crash may have left half a write.
      if (whole.size >= claimed) break;
      throw damaged(walked.damage.message, walked.damage.sequence);
    }
    for (const step of walked.steps) {
      if (step.sequence === claimed) break reading;
      if (step.sequence === 0) genesis = step;
      if (step.sequence === sequence) entry = step;
      whole.append(step.hash);
      bytes += step.length;
      ranges.find(({ from, to }) => from <= step.sequence && step.sequence < to)?.tree.append(step.hash);
    }
    progress?.({ entries: whole.size, bytes, totalBytes });
  }
  if (genesis === null || entry === null || whole.size < claimed) {
    throw damaged(`the checkpoint covers ${String(claimed)} entries`, whole.size);
  }
  const checkpoint = opened(note, genesis, options.publicKeys ?? []);
  if (checkpoint.root !== whole.root().toString('base64')) {
    throw damaged('the checkpoint has another root than these entries', claimed);
  }
  return {
    text: proofText(
      sequence,
      ranges.map(({ tree }) => tree.root()),
      note,
    ),
    sequence,
    hash: entry.hash.toString('hex'),
    origin: checkpoint.origin,
    size: claimed,
  };
}

/** Written apart from the code that the daemon gives proofs with, as everything here. */
function proofText(index: number, hashes: readonly Buffer[], note: Uint8Array): string {
  const lines = [
    'c2sp.org/tlog-proof@v1',
    `index ${String(index)}`,
    ...hashes.map((hash) => hash.toString('base64')),
  ];
  return `${lines.join('\n')}\n\n${Buffer.from(note).toString('utf8')}`;
}

function noCheckpoint(path: string): ChanceryError {
  return new ChanceryError('FILE_UNREADABLE', `there is no checkpoint ${path}`, {
    hint: 'the daemon writes one some seconds after the ledger grew; or name one with --checkpoint',
  });
}

/** What it claims; whether it holds is known when the genesis has been read. */
function claimedSize(path: string, note: Buffer): number {
  const size = /^[^\n]+\n(0|[1-9]\d{0,14})\n/.exec(note.toString('utf8'))?.[1];
  if (size === undefined) throw new ChanceryError('USAGE', `${path} is no checkpoint`);
  return Number(size);
}

function opened(note: Buffer, { entry }: Step, publicKeys: readonly string[]): Checkpoint {
  if (entry.type !== 'genesis') throw damaged(`the first entry is ${entry.type}`, 0);
  const { origin, publicKey } = entry;
  const fault = pinFault(publicKeys.map(parsePinnedKey), origin, publicKey);
  if (fault !== null) throw damaged(fault, 0);
  const key = ledgerNoteKey(origin, publicKey);
  const checkpoint = key === null ? 'the ledger key is none' : openCheckpoint(note, [key]);
  if (typeof checkpoint === 'string') throw damaged(`the checkpoint does not hold: ${checkpoint}`, 0);
  if (checkpoint.origin !== origin) throw damaged(`the checkpoint is of ${checkpoint.origin}`, 0);
  return checkpoint;
}

function notCovered(sequence: number, size: number): ChanceryError {
  return new ChanceryError(
    'USAGE',
    `entry ${String(sequence)} is not under the checkpoint, which covers ${String(size)} entries`,
    { hint: 'a running daemon signs a newer checkpoint within its interval, or at once for getProof' },
  );
}

function damaged(message: string, sequence: number): ChanceryError {
  return new ChanceryError('LEDGER_DAMAGED', `entry ${String(sequence)}: ${message}`, {
    hint: '`chancery ledger verify` says more',
  });
}
