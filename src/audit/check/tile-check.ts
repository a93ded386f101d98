import type { Damage } from '../read/damage.js';
import { HASH_BYTES, partialTiles, readTile, TILE_LEVELS, TILE_WIDTH, tilePath } from '../read/tiles.js';

interface Row {
  /** Of the tile that is being filled. */
  index: number;
  /** Hashes in it so far. */
  width: number;
  bytes: Buffer;
}

/** A tile as it must be. */
interface Made {
  readonly level: number;
  readonly index: number;
  readonly path: string;
  readonly bytes: Buffer;
}

/**
 * Compares the tiles beside the ledger with the tree of its entries, as far as they are there: they are derived and
 * may be removed, but proofs are made from them and witnesses are shown them. Keeps one tile a level.
 */
export class TileCheck {
  readonly #directory: string;
  readonly #report: (damage: Damage) => void;
  readonly #rows: Row[] = [];
  #compared = 0;

  constructor(directory: string, report: (damage: Damage) => void) {
    this.#directory = directory;
    this.#report = report;
  }

  /** Tiles that were there. */
  get compared(): number {
    return this.#compared;
  }

  /** For `CompactRange.append`: every eighth level of the tree is a level of tiles. Throws FILE_UNREADABLE. */
  readonly completed = (treeLevel: number, root: Buffer): void => {
    if (treeLevel % TILE_LEVELS !== 0) return;
    const level = treeLevel / TILE_LEVELS;
    let row = this.#rows[level];
    if (row === undefined) {
      this.#rows[level] = row = { index: 0, width: 0, bytes: Buffer.alloc(TILE_WIDTH * HASH_BYTES) };
    }
    root.copy(row.bytes, row.width * HASH_BYTES);
    row.width += 1;
    if (row.width < TILE_WIDTH) return;
    const { index, bytes } = row;
    this.#compare({ level, index, path: tilePath(level, index), bytes });
    this.#rows[level] = { index: index + 1, width: 0, bytes };
  };

  /** The partial tiles at the right edge. Throws FILE_UNREADABLE. */
  async finish(): Promise<void> {
    for (const [level, { index, width, bytes }] of this.#rows.entries()) {
      for (const partial of await partialTiles(this.#directory, tilePath(level, index))) {
        // One that is wider belongs to entries that a running daemon has written since.
        if (partial.width > width) continue;
        const expected = bytes.subarray(0, partial.width * HASH_BYTES);
        this.#compare({ level, index, path: partial.path, bytes: expected });
      }
    }
  }

  #compare({ level, index, path, bytes }: Made): void {
    const found = readTile(this.#directory, path);
    // Tiles are not synced: where power failed, an empty file can stand for one. It is as good as removed.
    if (found === null || found.length === 0) return;
    this.#compared += 1;
    if (found.equals(bytes)) return;
    const offset = firstDifference(bytes, found);
    const hash = Math.min(Math.floor(offset / HASH_BYTES), bytes.length / HASH_BYTES - 1);
    this.#report({
      kind: 'tile',
      sequence: (index * TILE_WIDTH + hash) * TILE_WIDTH ** level,
      file: path,
      offset,
      message: 'the tile does not hold the hashes of these entries',
    });
  }
}

function firstDifference(left: Buffer, right: Buffer): number {
  const shorter = Math.min(left.length, right.length);
  for (let at = 0; at < shorter; at++) if (left[at] !== right[at]) return at;
  return shorter;
}
