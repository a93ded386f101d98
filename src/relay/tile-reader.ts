import { ChanceryError } from '../core/errors.js';
import type { Files } from '../core/files.js';
import { TileFiles } from '../ledger/tiles/tile-files.js';
import type { TreeReader } from '../ledger/tree/prove.js';
import { hashInTile, tileFor } from '../ledger/tree/tile.js';

/** The tiles that the daemon wrote for a tree of `size` leaves. Throws LEDGER_DAMAGED for one that is not there. */
export function tileReader(files: Files, directory: string, size: number): TreeReader {
  const tiles = new TileFiles(files, directory);
  return {
    read: (subtrees) =>
      Promise.all(
        subtrees.map(async (subtree) => {
          const bytes = await tiles.read(tileFor(subtree, size));
          if (bytes !== null) return hashInTile(bytes, subtree);
          throw new ChanceryError('LEDGER_DAMAGED', 'a tile of the ledger is missing', {
            hint: 'the daemon makes tiles anew beside each checkpoint: try again after the next',
          });
        }),
      ),
  };
}
