import { dirname, join } from 'node:path';
import { readIfThere, writeAll, type Files } from '../../core/files.js';
import { HASH_BYTES } from '../tree/hash.js';
import { TILE_WIDTH, tilePath, type Tile } from '../tree/tile.js';

/** Tiles as files under the ledger directory (C2SP tlog-tiles). Derived: nothing here is synced, any may be lost. */
export class TileFiles {
  readonly #files: Files;
  readonly #directory: string;
  readonly #made = new Set<string>();

  constructor(files: Files, directory: string) {
    this.#files = files;
    this.#directory = directory;
  }

  /** The hashes of a tile, 32 bytes each; null when it is not there or not whole. */
  async read(tile: Tile): Promise<Buffer | null> {
    return await readIfThere(this.#files, join(this.#directory, tilePath(tile)), async (file) => {
      const bytes = Buffer.alloc(tile.width * HASH_BYTES);
      return (await file.read(bytes, 0)) === bytes.length ? bytes : null;
    });
  }

  /** Whole or not at all, so that a reader beside us never sees half a tile. */
  async write(tile: Tile, hashes: readonly Uint8Array[]): Promise<void> {
    const path = join(this.#directory, tilePath(tile));
    const folder = dirname(path);
    if (!this.#made.has(folder)) {
      await this.#files.makeDirectory(folder);
      // A folder of partial tiles goes when its tile is full.
      if (tile.width === TILE_WIDTH) this.#made.add(folder);
    }
    const aside = `${path}.tmp`;
    await this.#files.remove(aside);
    const file = await this.#files.open(aside, 'create');
    try {
      await writeAll(file, Buffer.concat(hashes), 0);
    } finally {
      await file.close();
    }
    await this.#files.rename(aside, path);
  }

  /** All partial tiles of a tile, which is full now or gets them anew. */
  async removePartials({ level, index }: Tile): Promise<void> {
    await this.#files.removeDirectory(join(this.#directory, dirname(tilePath({ level, index, width: 1 }))));
  }
}
