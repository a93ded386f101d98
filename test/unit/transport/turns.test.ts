import { describe, expect, it } from 'vitest';
import { Turns } from '../../../src/transport/turns.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('work that is put off', () => {
  it('is done in its order, a little of each uid in a turn, however much one of them has', async () => {
    const turns = new Turns();
    const done: string[] = [];
    const put = (uid: number, name: string): void => {
      turns.later(uid, () => done.push(name));
    };
    for (let index = 0; index < 5; index++) put(1, `a${String(index)}`);
    put(2, 'b0');
    expect(done).toEqual([]);
    await turn();
    expect(done.splice(0)).toEqual(['a0', 'a1', 'b0']);
    put(2, 'b1');
    await turn();
    expect(done.splice(0)).toEqual(['a2', 'a3', 'b1']);
    await turn();
    expect(done.splice(0)).toEqual(['a4']);
  });

  it('comes in the next turn when it is put off again while it is done', async () => {
    const turns = new Turns();
    let done = 0;
    const again = (): void => {
      done += 1;
      if (done < 3) turns.later(1, again);
    };
    turns.later(1, again);
    for (let count = 1; count <= 3; count++) {
      await turn();
      expect(done).toBe(count);
    }
  });
});
