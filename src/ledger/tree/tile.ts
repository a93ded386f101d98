import { HASH_BYTES, nodeHash } from './hash.js';
import type { Subtree } from './subtrees.js';

/** C2SP tlog-tiles: a tile holds 2^8 hashes and stands for eight levels of the tree. */
const TILE_LEVELS = 8;
export const TILE_WIDTH = 256;

export interface Tile {
  /** Level of tiles: its hashes are subtrees of 256^level leaves. `entries` holds the entries themselves. */
  readonly level: number | 'entries';
  readonly index: number;
  /** Hashes (or entries) in it, 1 to 256; fewer than 256 make a partial tile. */
  readonly width: number;
}

/** `tile/0/x001/x234/067`, `tile/1/000.p/17`. */
export function tilePath({ level, index, width }: Tile): string {
  const groups: string[] = [];
  for (let rest = index; groups.length === 0 || rest > 0; rest = Math.floor(rest / 1000)) {
    groups.unshift(String(rest % 1000).padStart(3, '0'));
  }
  const number = groups.map((group, at) => (at === groups.length - 1 ? group : `x${group}`)).join('/');
  return `tile/${String(level)}/${number}${width === TILE_WIDTH ? '' : `.p/${String(width)}`}`;
}

/** The tile from which a subtree's hash can be computed, in a tree of `size` leaves. */
export function tileFor({ level, index }: Subtree, size: number): Tile {
  const tileLevel = Math.floor(level / TILE_LEVELS);
  const leaves = 2 ** (level % TILE_LEVELS);
  const tileIndex = Math.floor((index * leaves) / TILE_WIDTH);
  const hashes = Math.floor(size / TILE_WIDTH ** tileLevel);
  return { level: tileLevel, index: tileIndex, width: Math.min(TILE_WIDTH, hashes - tileIndex * TILE_WIDTH) };
}

/** The hash of a subtree out of the bytes of the tile that `tileFor` names. */
export function hashInTile(bytes: Uint8Array, { level, index }: Subtree): Uint8Array {
  const leaves = 2 ** (level % TILE_LEVELS);
  const first = (index * leaves) % TILE_WIDTH;
  let hashes: Uint8Array[] = [];
  for (let at = first; at < first + leaves; at++) {
    const hash = bytes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES);
    if (hash.length !== HASH_BYTES) throw new RangeError('the tile is shorter than the tree it belongs to');
    hashes.push(hash);
  }
  while (hashes.length > 1) {
    const joined: Uint8Array[] = [];
    for (let at = 0; at + 1 < hashes.length; at += 2) {
      joined.push(nodeHash(hashes[at] ?? new Uint8Array(), hashes[at + 1] ?? new Uint8Array()));
    }
    hashes = joined;
  }
  return hashes[0] ?? new Uint8Array();
}
