import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ChanceryError } from '../../core/errors.js';
import { systemCode } from '../../core/files.js';
import { readFileIfThere } from '../../core/read-file.js';

/** C2SP tlog-tiles: hashes in a tile, and levels of the tree that one stands for. */
export const TILE_WIDTH = 256;
export const TILE_LEVELS = 8;
export const HASH_BYTES = 32;

/** `tile/0/x001/234`: where a full tile stands; its partial ones are in a directory `.p` beside it. */
export function tilePath(level: number, index: number): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/\d{3}/g) ?? [];
  const last = groups.pop() ?? '';
  return ['tile', String(level), ...groups.map((group) => `x${group}`), last].join('/');
}

/** Null when there is no such tile, as there need not be. Throws FILE_UNREADABLE. */
export function readTile(directory: string, path: string): Buffer | null {
  return readFileIfThere(join(directory, path), path);
}

/** Paths and widths of the partial tiles of the tile at `path`. Throws FILE_UNREADABLE. */
export async function partialTiles(
  directory: string,
  path: string,
): Promise<readonly { readonly path: string; readonly width: number }[]> {
  return (await namesIn(join(directory, `${path}.p`)))
    .filter((name) => /^[1-9]\d{0,2}$/.test(name))
    .map((name) => ({ path: `${path}.p/${name}`, width: Number(name) }));
}

/** The hashes of the first `count` leaves, a tile at a time; ends early where a tile is not there or not whole. */
export async function* leavesFromTiles(
  directory: string,
  count: number,
): AsyncGenerator<readonly Buffer[], void, void> {
  for (let index = 0; index * TILE_WIDTH < count; index++) {
    const wanted = Math.min(TILE_WIDTH, count - index * TILE_WIDTH);
    const bytes = await tileWith(directory, tilePath(0, index), wanted);
    if (bytes === null) return;
    const leaves: Buffer[] = [];
    for (let at = 0; at < wanted; at++) leaves.push(bytes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES));
    yield leaves;
  }
}

async function tileWith(directory: string, path: string, width: number): Promise<Buffer | null> {
  const enough = (bytes: Buffer | null): Buffer | null =>
    bytes !== null && bytes.length >= width * HASH_BYTES ? bytes : null;
  const full = enough(readTile(directory, path));
  if (full !== null) return full;
  for (const partial of await partialTiles(directory, path)) {
    const bytes = partial.width >= width ? enough(readTile(directory, partial.path)) : null;
    if (bytes !== null) return bytes;
  }
  return null;
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return [];
    throw new ChanceryError('FILE_UNREADABLE', `cannot read ${directory}`, { cause });
  }
}
