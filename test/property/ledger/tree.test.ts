import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CompactRange } from '../../../src/ledger/tree/compact-range.js';
import { EMPTY_ROOT, nodeHash } from '../../../src/ledger/tree/hash.js';
import { leafHash } from '../../support/leaf-hash.js';
import {
  proveConsistency,
  proveInclusion,
  treeRoot,
  type TreeReader,
} from '../../../src/ledger/tree/prove.js';
import { splitPoint } from '../../../src/ledger/tree/subtrees.js';
import { hashInTile, TILE_WIDTH, tileFor, tilePath } from '../../../src/ledger/tree/tile.js';
import { verifyConsistency } from '../../../src/ledger/tree/verify-consistency.js';
import { verifyInclusion } from '../../../src/ledger/tree/verify-inclusion.js';
import { parseTilePath, tilesOf } from '../../support/tiles.js';

const LEAVES = Array.from({ length: 1000 }, (_, n) => leafHash(Buffer.from(String(n))));

/** RFC 6962 section 2.1, word for word. */
function plainRoot(leaves: readonly Buffer[]): Buffer {
  const [only] = leaves;
  if (only === undefined) return EMPTY_ROOT;
  if (leaves.length === 1) return only;
  const split = splitPoint(leaves.length);
  return nodeHash(plainRoot(leaves.slice(0, split)), plainRoot(leaves.slice(split)));
}

const memory: TreeReader = {
  read: (subtrees) =>
    Promise.resolve(
      subtrees.map(({ level, index }) =>
        plainRoot(LEAVES.slice(index * 2 ** level, (index + 1) * 2 ** level)),
      ),
    ),
};

/** Only what tiles of a tree of this size hold: a hash that would need another tile throws. */
function fromTiles(size: number): TreeReader {
  const tiles = new Map<string, Buffer>();
  for (const tile of tilesOf(size)) {
    if (tile.level === 'entries') continue;
    const leaves = TILE_WIDTH ** tile.level;
    const first = tile.index * TILE_WIDTH;
    const hashes = Array.from({ length: tile.width }, (_, n) =>
      plainRoot(LEAVES.slice((first + n) * leaves, (first + n + 1) * leaves)),
    );
    tiles.set(tilePath(tile), Buffer.concat(hashes));
  }
  return {
    read: (subtrees) =>
      Promise.resolve(
        subtrees.map((subtree) => hashInTile(tiles.get(tilePath(tileFor(subtree, size)))!, subtree)),
      ),
  };
}

const size = fc.oneof(fc.integer({ min: 1, max: 1000 }), fc.constantFrom(1, 2, 255, 256, 257, 511, 512, 513));

describe('the tree', () => {
  it('has the same root by compact range, by reader and by definition', async () => {
    const range = new CompactRange();
    for (let n = 0; n <= 300; n++) {
      expect(range.root().equals(plainRoot(LEAVES.slice(0, n)))).toBe(true);
      expect((await treeRoot(memory, n)).equals(range.root())).toBe(true);
      range.append(LEAVES[n]!);
    }
  });

  it('proves every leaf, from memory and from tiles', async () => {
    await fc.assert(
      fc.asyncProperty(size, fc.nat(999), async (leaves, any) => {
        const index = any % leaves;
        const root = plainRoot(LEAVES.slice(0, leaves));
        const proof = await proveInclusion(memory, index, leaves);
        const claim = { index, size: leaves, leaf: LEAVES[index]!, root, proof };
        expect(verifyInclusion(claim)).toBe(true);
        expect(await proveInclusion(fromTiles(leaves), index, leaves)).toEqual(proof);
        expect(verifyInclusion({ ...claim, leaf: LEAVES[(index + 1) % 1000]! })).toBe(false);
        expect(verifyInclusion({ ...claim, proof: [...proof, root] })).toBe(false);
        if (proof.length > 0) expect(verifyInclusion({ ...claim, proof: proof.slice(1) })).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it('proves that it only grew', async () => {
    await fc.assert(
      fc.asyncProperty(size, size, async (a, b) => {
        const [oldSize, newSize] = [Math.min(a, b), Math.max(a, b)];
        const oldRoot = plainRoot(LEAVES.slice(0, oldSize));
        const newRoot = plainRoot(LEAVES.slice(0, newSize));
        const proof = await proveConsistency(memory, oldSize, newSize);
        expect(verifyConsistency({ oldSize, newSize, oldRoot, newRoot, proof })).toBe(true);
        expect(await proveConsistency(fromTiles(newSize), oldSize, newSize)).toEqual(proof);
        if (oldSize === newSize) return;
        expect(verifyConsistency({ oldSize, newSize, oldRoot: newRoot, newRoot, proof })).toBe(false);
        expect(verifyConsistency({ oldSize, newSize, oldRoot, newRoot: oldRoot, proof })).toBe(false);
        expect(verifyConsistency({ oldSize, newSize, oldRoot, newRoot, proof: [...proof, oldRoot] })).toBe(
          false,
        );
      }),
      { numRuns: 60 },
    );
  });

  it('has no proof of what is not in it', async () => {
    await expect(proveInclusion(memory, 5, 5)).rejects.toMatchObject({ code: 'INTERNAL' });
    await expect(proveConsistency(memory, 0, 5)).rejects.toMatchObject({ code: 'INTERNAL' });
    await expect(proveConsistency(memory, 6, 5)).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});

describe('tile paths', () => {
  it('read back to the tile they were made for', () => {
    const tile = fc.record({
      level: fc.oneof(fc.constant('entries' as const), fc.integer({ min: 0, max: 6 })),
      index: fc.oneof(fc.nat(2000), fc.maxSafeNat()),
      width: fc.integer({ min: 1, max: 256 }),
    });
    fc.assert(
      fc.property(tile, (any) => {
        expect(parseTilePath(tilePath(any))).toEqual(any);
      }),
    );
  });
});
