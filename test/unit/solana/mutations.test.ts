import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mutations as custody } from '../../mutations/custody.mjs';
import { mutations as policy } from '../../mutations/policy.mjs';
import { mutations as solana } from '../../mutations/solana.mjs';
import { mutations as verifier } from '../../mutations/verifier.mjs';

describe('the list of mutations', () => {
  for (const mutation of [...solana, ...policy, ...verifier, ...custody]) {
    it(`still finds its place: ${mutation.name}`, () => {
      for (const { file, find, replace } of [mutation, ...(mutation.also ?? [])]) {
        expect(readFileSync(file, 'utf8').split(find).length - 1).toBe(1);
        expect(replace).not.toBe(find);
      }
    });
  }
});
