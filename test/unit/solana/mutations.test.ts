import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mutations as policy } from '../../mutations/policy.mjs';
import { mutations as solana } from '../../mutations/solana.mjs';

describe('the list of mutations', () => {
  for (const mutation of [...solana, ...policy]) {
    it(`still finds its place: ${mutation.name}`, () => {
      for (const { file, find, replace } of [mutation, ...(mutation.also ?? [])]) {
        expect(readFileSync(file, 'utf8').split(find).length - 1).toBe(1);
        expect(replace).not.toBe(find);
      }
    });
  }
});
