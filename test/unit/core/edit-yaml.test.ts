import { describe, expect, it } from 'vitest';
import { listBlock, writeList } from '../../../src/core/edit-yaml.js';
import { parseStrictYaml } from '../../../src/core/strict-yaml.js';

const LIST = { map: 'tables', key: 'NEW', items: ['x', 'y'] };
const write = (text: string): string | null => writeList(text, LIST, 10_000);

describe('a list written into YAML', () => {
  it.each([
    ['a document without the map', 'a: 1 # one\n', 'a: 1 # one\ntables:\n  NEW:\n    - x\n    - y\n'],
    ['one that ends without a line break', 'a: 1', 'a: 1\ntables:\n  NEW:\n    - x\n    - y\n'],
    [
      'a map with others',
      'tables:\n    # the first\n    OLD: [p] # kept\n\n# of b\nb: "2"\n',
      'tables:\n    # the first\n    NEW:\n      - x\n      - y\n    OLD: [p] # kept\n\n# of b\nb: "2"\n',
    ],
    ['an empty flow map', 'tables: {}\nb: 2\n', 'tables: { NEW: [x, y] }\nb: 2\n'],
    ['a flow map', 'tables: { OLD: [p] } # c\n', 'tables: { NEW: [x, y], OLD: [p] } # c\n'],
    [
      'a list that stands there',
      'tables:\n  NEW:\n    - x # old\n  # next\n  OLD:\n    - p\n',
      'tables:\n  NEW:\n    - x\n    - y\n  # next\n  OLD:\n    - p\n',
    ],
    ['one at the end', 'tables:\n  NEW:\n  - p', 'tables:\n  NEW:\n  - x\n  - y\n'],
    ['one in flow style', 'tables:\n  NEW: [p] # c\nb: 1\n', 'tables:\n  NEW: [x, y] # c\nb: 1\n'],
  ])('%s', (_name, before, after) => {
    expect(write(before)).toBe(after);
  });

  it.each([
    ['a document in flow style', '{ a: 1 }\n'],
    ['a map that is text', 'tables: none\n'],
    ['a list that is text', 'tables:\n  NEW: none\n'],
    ['a document that is a list', '- a\n'],
  ])('is not written into %s', (_name, text) => {
    expect(write(text)).toBeNull();
  });

  it('as a block to paste says the same', () => {
    expect(parseStrictYaml(Buffer.from(listBlock(LIST)), 1000).value).toEqual({
      tables: { NEW: ['x', 'y'] },
    });
  });
});
