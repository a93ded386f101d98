import { ChanceryError } from '../../core/errors.js';
import type { Files } from '../../core/files.js';
import { LeafHashes } from '../tiles/leaf-hashes.js';
import { CompactRange } from '../tree/compact-range.js';

/** A head of the ledger that is known to be its own. */
export interface KnownHead {
  readonly size: number;
  /** Base64. */
  readonly root: string;
}

/**
 * The root (base64) that the ledger had with `size` entries, read from its lines; `known` is a durable head at or
 * after it, which the same lines must give too: files that were exchanged since they were checked are noticed. Tiles
 * are not asked: they are what somebody would forge. Throws LEDGER_DAMAGED.
 */
export async function rootOf(
  files: Files,
  directory: string,
  size: number,
  known: KnownHead,
): Promise<string> {
  const tree = new CompactRange();
  let root = size === 0 ? tree.root().toString('base64') : '';
  for await (const leaves of new LeafHashes(files, directory).read(0, known.size)) {
    for (const leaf of leaves) {
      tree.append(leaf);
      if (tree.size === size) root = tree.root().toString('base64');
    }
  }
  if (tree.root().toString('base64') === known.root) return root;
  throw new ChanceryError('LEDGER_DAMAGED', 'the lines on disk do not give the root of the ledger');
}
