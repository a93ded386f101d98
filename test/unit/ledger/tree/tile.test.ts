import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tilePath } from '../../../../src/ledger/tree/tile.js';
import { parseTilePath, tilesOf } from '../../../support/tiles.js';

const known = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../vectors/tlog-tiles/tlog-tiles.json'), 'utf8'),
) as {
  paths: { level: number; index: number; width?: number; path: string }[];
  size70000: { full0: number; partial0: number; full1: number; partial1: number; partial2: number };
};

describe('tiles (C2SP tlog-tiles)', () => {
  it.each(known.paths)('$path', ({ level, index, width = 256, path }) => {
    expect(tilePath({ level, index, width })).toBe(path);
    expect(parseTilePath(path)).toEqual({ level, index, width });
  });

  it('of a tree of 70,000 leaves', () => {
    const tiles = [...tilesOf(70_000)];
    const full = (level: number) => tiles.filter((tile) => tile.level === level && tile.width === 256).length;
    const partial = (level: number) => tiles.find((tile) => tile.level === level && tile.width < 256)?.width;
    expect({
      full0: full(0),
      partial0: partial(0),
      full1: full(1),
      partial1: partial(1),
      partial2: partial(2),
    }).toEqual(known.size70000);
  });

  it.each([
    'tile/0/1',
    'tile/0/x001/67',
    'tile/0/x000/001',
    'tile/00/001',
    'tile/0/001.p/0',
    'tile/0/001.p/256',
    'tile/0/001.p/01',
    '../tile/0/001',
    'tile/x/001',
  ])('refuses %s', (path) => {
    expect(parseTilePath(path)).toBeNull();
  });
});
