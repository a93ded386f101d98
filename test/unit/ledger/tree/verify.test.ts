import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CompactRange } from '../../../../src/ledger/tree/compact-range.js';
import { nodeHash } from '../../../../src/ledger/tree/hash.js';
import { entryHash } from '../../../../src/ledger/entry-text.js';
import { leafHash } from '../../../support/leaf-hash.js';
import { verifyConsistency } from '../../../../src/ledger/tree/verify-consistency.js';
import { verifyInclusion } from '../../../../src/ledger/tree/verify-inclusion.js';

const VECTORS = join(import.meta.dirname, '../../../vectors/merkle');

interface Vector {
  readonly wantErr: boolean;
  readonly proof: readonly string[] | null;
}
interface InclusionVector extends Vector {
  readonly leafIdx: number;
  readonly treeSize: number;
  readonly root: string | null;
  readonly leafHash: string | null;
}
interface ConsistencyVector extends Vector {
  readonly size1: number;
  readonly size2: number;
  readonly root1: string | null;
  readonly root2: string | null;
}

function vectors<T>(kind: string): [string, T][] {
  const base = join(VECTORS, 'testdata', kind);
  const names = readdirSync(base, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.json'),
  );
  return names.map((name) => [name, JSON.parse(readFileSync(join(base, name), 'utf8')) as T]);
}

const bytes = (text: string | null) => Buffer.from(text ?? '', 'base64');

describe('public vectors (transparency-dev/merkle)', () => {
  it('hash a leaf, a node, and the empty tree', () => {
    const known = JSON.parse(readFileSync(join(VECTORS, 'rfc6962-hashes.json'), 'utf8')) as {
      emptyRoot: string;
      emptyLeaf: string;
      leaf: { dataUtf8: string; hash: string };
      node: { leftUtf8: string; rightUtf8: string; hash: string };
    };
    expect(new CompactRange().root().toString('hex')).toBe(known.emptyRoot);
    expect(entryHash('')).toBe(known.emptyLeaf);
    expect(entryHash(known.leaf.dataUtf8)).toBe(known.leaf.hash);
    const { leftUtf8, rightUtf8, hash } = known.node;
    expect(nodeHash(Buffer.from(leftUtf8), Buffer.from(rightUtf8)).toString('hex')).toBe(hash);
  });

  const inclusion = vectors<InclusionVector>('inclusion');
  it.each(inclusion)('inclusion %s', (_, vector) => {
    const verdict = verifyInclusion({
      index: vector.leafIdx,
      size: vector.treeSize,
      leaf: bytes(vector.leafHash),
      root: bytes(vector.root),
      proof: (vector.proof ?? []).map(bytes),
    });
    expect(verdict).toBe(!vector.wantErr);
  });

  const consistency = vectors<ConsistencyVector>('consistency');
  it.each(consistency)('consistency %s', (_, vector) => {
    const verdict = verifyConsistency({
      oldSize: vector.size1,
      newSize: vector.size2,
      oldRoot: bytes(vector.root1),
      newRoot: bytes(vector.root2),
      proof: (vector.proof ?? []).map(bytes),
    });
    expect(verdict).toBe(!vector.wantErr);
  });

  it('are all there', () => {
    expect([inclusion.length > 90, consistency.length > 90]).toEqual([true, true]);
  });
});

it('leaves and nodes are told apart', () => {
  const [left, right] = [leafHash(Buffer.of(1)), leafHash(Buffer.of(2))];
  expect(leafHash(Buffer.concat([left, right])).equals(nodeHash(left, right))).toBe(false);
});
