import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nestsDeeper } from '../../../src/core/json-depth.js';

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

describe('nesting', () => {
  it('is what the value has, whatever strings hold', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.integer({ min: 0, max: 7 }), (value, most) => {
        expect(nestsDeeper(JSON.stringify(value), most)).toBe(depthOf(value) > most);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['brackets in strings', '["[[[[", "{{\\"[[[\\\\"]', 1, false],
    ['an escaped backslash before the end', '["\\\\", [[1]]]', 2, true],
    ['a string without an end', '["[[[[', 1, false],
    ['half a megabyte of brackets', '['.repeat(500_000), 32, true],
    ['brackets side by side', `[${'[],'.repeat(1000)}[]]`, 2, false],
  ])('%s', (_name, text, most, deeper) => {
    expect(nestsDeeper(text, most)).toBe(deeper);
  });
});
