/** A full subtree: `index`-th from the left among those with 2^level leaves. Level 0 are the leaves. */
export interface Subtree {
  readonly level: number;
  readonly index: number;
}

/** Leaves from `from` up to but without `to`; `from` is a multiple of every subtree in it. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** The largest power of two below `size` (RFC 6962: k); `size` at least 2. */
export function splitPoint(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

/** The full subtrees that make up a range, largest first. */
export function subtreesOf({ from, to }: Range): readonly Subtree[] {
  const subtrees: Subtree[] = [];
  let at = from;
  while (at < to) {
    let level = 0;
    while (at % 2 ** (level + 1) === 0 && at + 2 ** (level + 1) <= to) level += 1;
    subtrees.push({ level, index: at / 2 ** level });
    at += 2 ** level;
  }
  return subtrees;
}

/** The ranges whose hashes prove a leaf, from the leaf up (RFC 6962 section 2.1.1, PATH). */
export function inclusionRanges(index: number, size: number): readonly Range[] {
  const path: Range[] = [];
  let range: Range = { from: 0, to: size };
  while (range.to - range.from > 1) {
    const middle = range.from + splitPoint(range.to - range.from);
    const left = { from: range.from, to: middle };
    const right = { from: middle, to: range.to };
    path.unshift(index < middle ? right : left);
    range = index < middle ? left : right;
  }
  return path;
}

/** The ranges whose hashes prove that a tree of `size` continues one of `old` (RFC 6962 section 2.1.2, PROOF). */
export function consistencyRanges(old: number, size: number): readonly Range[] {
  if (old === size) return [];
  const path: Range[] = [];
  let range: Range = { from: 0, to: size };
  while (range.to > old) {
    const middle = range.from + splitPoint(range.to - range.from);
    const left = { from: range.from, to: middle };
    const right = { from: middle, to: range.to };
    path.unshift(old <= middle ? right : left);
    range = old <= middle ? left : right;
  }
  // The old tree itself is known to the verifier when the walk never went right.
  return range.from === 0 ? path : [range, ...path];
}
