import type { ChanceryError } from '../core/errors.js';
import type { Anchors } from '../ledger/anchors/anchors.js';
import { Checkpointer } from '../ledger/checkpoint/checkpointer.js';
import type { NoteKey } from '../ledger/note/key.js';
import { proveEntry } from '../ledger/tiles/prove-entry.js';
import { Tiles } from '../ledger/tiles/tiles.js';
import type { Log } from '../operations/log.js';
import type { Path } from '../signing/path.js';
import { startCheckpointLoop, type CheckpointLoop } from './checkpoint-loop.js';
import { checkpointSigner, latchLedgerKey, ledgerKeyRefuses } from './ledger-key.js';
import type { OwnLedger } from './own-ledger.js';
import type { Tokens } from './tokens.js';

/** What the ledger key vouches for: checkpoints, what anchors hold of them, and proofs that rest on them. */
export interface Checkpoints extends CheckpointLoop {
  /** Why the last attempt failed; null when it did not. */
  readonly trouble: () => ChanceryError | null;
  /** C2SP tlog-proof text for an entry. */
  readonly prove: (sequence: number) => Promise<string>;
}

export interface CheckpointsParts {
  readonly path: Path;
  /** Of the ledger. */
  readonly key: NoteKey;
  readonly tokens: Tokens;
  readonly anchors: Anchors;
  /** Called at each turn in which no anchor stands against the ledger, before anything else is appended. */
  readonly begin: () => Promise<void>;
  readonly intervalMs: number;
  readonly log: Log;
}

/** Takes up the checkpoint beside the ledger and makes one each interval from now on. */
export async function startCheckpoints(
  { ledger, files, directory }: OwnLedger,
  { path, key, tokens, anchors, begin, intervalMs, log }: CheckpointsParts,
): Promise<Checkpoints> {
  const tiles = new Tiles(files, directory);
  const refuses = (): ChanceryError | null =>
    anchors.rollback === null ? ledgerKeyRefuses(path) : anchors.stops();
  const checkpointer = await Checkpointer.resume({
    ledger,
    files,
    directory,
    clock: path.clock,
    key,
    sign: checkpointSigner(path, tokens, refuses),
    refuses,
    faulty: () => latchLedgerKey(path),
    published: (checkpoint, taken) => {
      anchors.publish(checkpoint, taken);
      const { size, root } = checkpoint;
      // Beside the path of requests: a proof waits for its tiles, nothing else does.
      tiles.extend(size, root).catch((error: unknown) => {
        log.error('tiles_failed', { message: String(error) });
      });
    },
  });
  const loop = startCheckpointLoop({ checkpointer, anchors, begin, intervalMs, log });
  return {
    ...loop,
    trouble: () => checkpointer.trouble,
    prove: async (sequence) => proveEntry(tiles, await checkpointer.covering(sequence), sequence),
  };
}
