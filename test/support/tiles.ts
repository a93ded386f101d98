import { TILE_WIDTH, tilePath, type Tile } from '../../src/ledger/tree/tile.js';

const PATH = /^tile\/(entries|0|[1-9]\d?)\/((?:x\d{3}\/)*\d{3})(?:\.p\/(0|[1-9]\d{0,2}))?$/;

/** Null when the path is not one that `tilePath` makes. */
export function parseTilePath(path: string): Tile | null {
  const match = PATH.exec(path);
  if (match?.[1] === undefined || match[2] === undefined) return null;
  const level = match[1] === 'entries' ? 'entries' : Number(match[1]);
  const index = Number(match[2].replace(/[x/]/g, ''));
  const width = match[3] === undefined ? TILE_WIDTH : Number(match[3]);
  const tile: Tile = { level, index, width };
  return Number.isSafeInteger(index) && width > 0 && tilePath(tile) === path ? tile : null;
}

/** All hash tiles of a tree of `size` leaves: full ones, and at most one partial at the end of each level. */
export function* tilesOf(size: number): Generator<Tile> {
  for (let level = 0, hashes = size; hashes > 0; level++, hashes = Math.floor(hashes / TILE_WIDTH)) {
    const full = Math.floor(hashes / TILE_WIDTH);
    for (let index = 0; index < full; index++) yield { level, index, width: TILE_WIDTH };
    if (hashes % TILE_WIDTH > 0) yield { level, index: full, width: hashes % TILE_WIDTH };
  }
}
