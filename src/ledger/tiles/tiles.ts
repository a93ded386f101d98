import { ChanceryError } from '../../core/errors.js';
import type { Files } from '../../core/files.js';
import { nodeHash } from '../tree/hash.js';
import { treeRoot, type TreeReader } from '../tree/prove.js';
import { hashInTile, TILE_WIDTH, tileFor } from '../tree/tile.js';
import type { Subtree } from '../tree/subtrees.js';
import { LeafHashes } from './leaf-hashes.js';
import { TileFiles } from './tile-files.js';

/**
 * The tiles of a ledger, made from its lines. Everything here can be thrown away and made again: tiles are checked
 * against a root that is known from the entries before anything made of them leaves, and made anew when they fail.
 */
export class Tiles implements TreeReader {
  readonly #leaves: LeafHashes;
  readonly #files: TileFiles;
  /** Leaves that the tiles hold. */
  #size = 0;
  /** Hashes of the last, partial tile of each level. */
  #edges: Buffer[][] = [];
  #restored = false;
  /** One thing at a time: reading while the edge moves would mix two trees. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(files: Files, directory: string) {
    this.#leaves = new LeafHashes(files, directory);
    this.#files = new TileFiles(files, directory);
  }

  get size(): number {
    return this.#size;
  }

  /**
   * Brings the tiles to `size` leaves and checks that they give `root` (base64). Nothing when they are there
   * already. The entries MUST be durable. Throws LEDGER_DAMAGED when tiles made anew still give another root.
   */
  extend(size: number, root: string): Promise<void> {
    return this.#change(async () => {
      if (this.#restored && this.#size >= size) return;
      if (!this.#restored) {
        await this.#restore(size);
        await this.#dropPartials(size);
      }
      await this.#add(size);
      this.#restored = true;
      if ((await this.#root(size)) === root) return;
      await this.#makeAnew(size, root);
    });
  }

  /** Throws the tiles away and makes them from the lines. Throws LEDGER_DAMAGED as `extend`. */
  rebuild(size: number, root: string): Promise<void> {
    return this.#change(() => this.#makeAnew(size, root));
  }

  read(subtrees: readonly Subtree[]): Promise<readonly Uint8Array[]> {
    return this.#next(() => this.#read(subtrees));
  }

  /** What a failure left half done is no tree: the next change begins from the full tiles that are on disk. */
  #change(action: () => Promise<void>): Promise<void> {
    return this.#next(async () => {
      try {
        await action();
      } catch (error) {
        this.#empty();
        this.#restored = false;
        throw error;
      }
    });
  }

  #empty(): void {
    this.#size = 0;
    this.#edges = [];
  }

  #next<Result>(action: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(action);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async #makeAnew(size: number, root: string): Promise<void> {
    this.#empty();
    await this.#dropPartials(size);
    await this.#add(size);
    if ((await this.#root(size)) === root) return;
    throw new ChanceryError('LEDGER_DAMAGED', 'the lines on disk do not give the root of the ledger', {
      hint: 'the files were changed while the daemon runs: keep them, run `chancery ledger verify`',
    });
  }

  async #root(size: number): Promise<string> {
    const reader = { read: (subtrees: readonly Subtree[]) => this.#read(subtrees) };
    return (await treeRoot(reader, size)).toString('base64');
  }

  async #read(subtrees: readonly Subtree[]): Promise<readonly Uint8Array[]> {
    const hashes: Uint8Array[] = [];
    for (const subtree of subtrees) {
      const tile = tileFor(subtree, this.#size);
      if (tile.level === 'entries') throw new RangeError('no subtree is in a bundle of entries');
      const edge = Buffer.concat(this.#edges[tile.level] ?? []);
      const bytes = tile.width === TILE_WIDTH ? await this.#files.read(tile) : edge;
      if (bytes === null) throw new ChanceryError('LEDGER_DAMAGED', 'a tile of the ledger is missing');
      hashes.push(hashInTile(bytes, subtree));
    }
    return hashes;
  }

  /**
   * The partial tiles at the right edge, of whatever width: a power cut may have torn those of an earlier run, and
   * until the tile is full nothing else takes away what `chancery ledger verify` must call wrong.
   */
  async #dropPartials(size: number): Promise<void> {
    for (let level = 0, hashes = size; hashes > 0; level++, hashes = Math.floor(hashes / TILE_WIDTH)) {
      const index = Math.floor(hashes / TILE_WIDTH);
      await this.#files.removePartials({ level, index, width: TILE_WIDTH });
    }
  }

  async #add(size: number): Promise<void> {
    if (size < this.#size) return;
    let leaves = this.#size;
    for await (const chunk of this.#leaves.read(this.#size, size)) {
      for (const leaf of chunk) {
        leaves += 1;
        await this.#push(0, leaf, leaves);
      }
    }
    this.#size = size;
    for (const [level, edge] of this.#edges.entries()) {
      if (edge.length === 0) continue;
      const index = Math.floor(size / TILE_WIDTH ** (level + 1));
      await this.#files.write({ level, index, width: edge.length }, edge);
    }
  }

  /** `leaves` of the tree, this hash included. */
  async #push(level: number, hash: Buffer, leaves: number): Promise<void> {
    const edge = (this.#edges[level] ??= []);
    edge.push(hash);
    if (edge.length < TILE_WIDTH) return;
    const index = leaves / TILE_WIDTH ** (level + 1) - 1;
    await this.#files.write({ level, index, width: TILE_WIDTH }, edge);
    await this.#files.removePartials({ level, index, width: TILE_WIDTH });
    const above = rootOfTile(Buffer.concat(edge));
    this.#edges[level] = [];
    await this.#push(level + 1, above, leaves);
  }

  /**
   * Takes up the full tiles that are on disk, up to `most` leaves; any that is missing means a new start. The root tells
   * nothing of those below a full one, and a power cut may have torn what was written last: so the last full tile of each
   * level is held against those it was made of.
   */
  async #restore(most: number): Promise<void> {
    const full = await this.#fullTiles(Math.floor(most / TILE_WIDTH));
    const edges: Buffer[][] = [[]];
    for (let level = 1, tiles = full; tiles > 0; level++, tiles = Math.floor(tiles / TILE_WIDTH)) {
      const whole = tiles - (tiles % TILE_WIDTH);
      const edge = await this.#rootsOf(level - 1, whole, tiles);
      if (edge === null || (whole > 0 && !(await this.#fitsBelow(level, whole / TILE_WIDTH - 1)))) return;
      edges[level] = edge;
    }
    this.#size = full * TILE_WIDTH;
    this.#edges = edges;
  }

  async #fitsBelow(level: number, index: number): Promise<boolean> {
    const tile = await this.#files.read({ level, index, width: TILE_WIDTH });
    const roots = await this.#rootsOf(level - 1, index * TILE_WIDTH, (index + 1) * TILE_WIDTH);
    return tile !== null && roots !== null && tile.equals(Buffer.concat(roots));
  }

  /** Of the full tiles from index `from` up to but without `to`; null when one is not there. */
  async #rootsOf(level: number, from: number, to: number): Promise<Buffer[] | null> {
    const roots: Buffer[] = [];
    for (let index = from; index < to; index++) {
      const bytes = await this.#files.read({ level, index, width: TILE_WIDTH });
      if (bytes === null) return null;
      roots.push(rootOfTile(bytes));
    }
    return roots;
  }

  /** How many full tiles of the lowest level are there, by bisection: they are made in order. */
  async #fullTiles(most: number): Promise<number> {
    let low = 0;
    let high = most;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      const there = await this.#files.read({ level: 0, index: middle - 1, width: TILE_WIDTH });
      if (there === null) high = middle - 1;
      else low = middle;
    }
    return low;
  }
}

/** The root of a full tile, which stands in the tile above: its two halves are subtrees of seven levels. */
function rootOfTile(bytes: Uint8Array): Buffer {
  return nodeHash(hashInTile(bytes, { level: 7, index: 0 }), hashInTile(bytes, { level: 7, index: 1 }));
}
