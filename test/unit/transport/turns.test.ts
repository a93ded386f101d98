import { describe, expect, it } from 'vitest';
import { Turns } from '../../../src/transport/turns.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const SLICE = 8 * 1024;

describe('work that is put off', () => {
  it('is done in its order, a little of each uid in a turn, however much one of them has', async () => {
    const turns = new Turns();
    const done: string[] = [];
    const put = (uid: number, name: string, bytes = SLICE): void => {
      turns.of(uid).later(() => {
        done.push(name);
        return bytes;
      });
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
    // Small ones are many in a turn, and those of connections that have gone cost nothing.
    for (let index = 0; index < 100; index++) put(1, 'small', index < 40 ? 0 : 500);
    await turn();
    expect(done.splice(0)).toHaveLength(40 + Math.ceil((2 * SLICE) / 500));
    await turn();
    expect(done.splice(0)).toHaveLength(60 - Math.ceil((2 * SLICE) / 500));
  });

  it('comes in the next turn when it is put off again while it is done', async () => {
    const turns = new Turns();
    let done = 0;
    const again = (): number => {
      done += 1;
      if (done < 3) turns.of(1).later(again);
      return 1;
    };
    turns.of(1).later(again);
    for (let count = 1; count <= 3; count++) {
      await turn();
      expect(done).toBe(count);
    }
  });
});

describe('what is done at once', () => {
  it('is a share for each uid, and as much again after a turn for what is beyond', async () => {
    const turns = new Turns();
    const [one, other] = [turns.of(1), turns.of(2)];
    const share = (): number => {
      let slices = 0;
      // Of another connection of the same uid.
      while (turns.of(1).atOnce(SLICE)) slices += 1;
      return slices;
    };
    expect(share()).toBe(4);
    expect([one.atOnce(1), other.atOnce(SLICE)]).toEqual([false, true]);
    one.later(() => SLICE);
    await turn();
    expect(share()).toBe(4);
  });
});
