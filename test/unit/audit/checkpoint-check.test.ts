import { describe, expect, it } from 'vitest';
import { CheckpointCheck, type Expected } from '../../../src/audit/check/checkpoint-check.js';
import { CompactRange } from '../../../src/audit/read/compact-range.js';
import { merkleRoot } from '../../support/audit/checkpoint.js';

const leaves = Array.from({ length: 6 }, (_, index) => Buffer.alloc(32, index));

function expected(source: string, size: number, of = leaves.slice(0, size)): Expected {
  const root = merkleRoot(of).toString('base64');
  return {
    source,
    beside: false,
    checkpoint: { origin: 'o', size, root },
    bytes: Buffer.alloc(0),
  };
}

function checked(...all: readonly Expected[]): { check: CheckpointCheck; damages: string[] } {
  const check = new CheckpointCheck(all);
  const damages: string[] = [];
  const tree = new CompactRange();
  const report = ({ message }: { message: string }): void => void damages.push(message);
  check.see(tree, report);
  for (const leaf of leaves.slice(0, 5)) {
    tree.append(leaf);
    check.see(tree, report);
  }
  check.finish(tree.size, report);
  check.settle(new Map());
  return { check, damages };
}

describe('CheckpointCheck', () => {
  it('meets every checkpoint, in whatever order they were given, several of one size too', () => {
    const { check, damages } = checked(
      expected('c', 5),
      expected('a', 2),
      expected('b', 2),
      expected('d', 4),
    );
    expect(damages).toEqual([]);
    expect(check.met).toBe(4);
    expect(check.metSize).toBe(5);
  });

  it('finds each that another history was signed with, and does not count it as met', () => {
    const foreign = leaves.slice(1, 5);
    const { check, damages } = checked(
      expected('a', 4, foreign),
      expected('b', 3),
      expected('c', 4, foreign),
    );
    const [ours, theirs] = [leaves.slice(0, 4), foreign].map((of) => merkleRoot(of).toString('base64'));
    expect(damages).toEqual([
      `at size 4 the root is ${ours!}, a signed ${theirs!}`,
      `at size 4 the root is ${ours!}, c signed ${theirs!}`,
    ]);
    expect([check.met, check.metSize]).toEqual([1, 3]);
  });

  it('finds each that was signed with more entries than there are', () => {
    const { check, damages } = checked(expected('a', 6), expected('b', 5));
    expect(damages).toEqual(['the ledger has 5 entries, a was signed with 6']);
    expect(check.met).toBe(1);
  });
});
