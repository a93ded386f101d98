import { describe, expect, it } from 'vitest';
import { deriveScopes } from '../../../src/daemon/derive-scopes.js';

describe('the accounts that attestations name', () => {
  it('are derived one wallet after the other, and others have their turn between', async () => {
    const derived: string[] = [];
    let turns = 0;
    const turn = (): void => {
      turns += 1;
      if (derived.length < 4) setImmediate(turn);
    };
    setImmediate(turn);
    const book = {
      derive: (address: string) => {
        derived.push(address);
        for (const until = performance.now() + 3; performance.now() < until;);
      },
    };
    const attestations = [
      { scope: { destinations: ['a', 'b'] } },
      {},
      { scope: { destinations: ['c', 'd'] } },
    ];
    await deriveScopes(book, [...attestations, { scope: {} }]);
    expect(derived).toEqual(['a', 'b', 'c', 'd']);
    expect(turns).toBeGreaterThanOrEqual(3);
  });
});
