import { describe, expect, it } from 'vitest';
import { SignQueue, type Waiting } from '../../../src/hsm/sign-queue.js';

interface Item extends Waiting {
  readonly name: string;
}

function item(name: string, key: string, priority: 'normal' | 'high' = 'normal', since = 0): Item {
  return { name, key, priority, since };
}

function drain(queue: SignQueue<Item>): string[] {
  const names: string[] = [];
  for (let next = queue.take(); next !== null; next = queue.take()) names.push(next.name);
  return names;
}

describe('sign queue', () => {
  it('serves one key in the order of arrival', () => {
    const queue = new SignQueue<Item>();
    const names = Array.from({ length: 200 }, (_, index) => String(index));
    for (const name of names) queue.add(item(name, 'a'));
    expect(queue.size).toBe(200);
    expect(drain(queue)).toEqual(names);
    expect(queue.size).toBe(0);
  });

  it('I10: a key with one request waits for one of another key, not for its thousand', () => {
    const queue = new SignQueue<Item>();
    for (let index = 0; index < 1000; index++) queue.add(item(`a${String(index)}`, 'a'));
    queue.add(item('b0', 'b'));
    queue.add(item('c0', 'c'));
    queue.add(item('b1', 'b'));
    expect(drain(queue).slice(0, 6)).toEqual(['a0', 'b0', 'c0', 'a1', 'b1', 'a2']);
  });

  it('I10: a workload that shares a key waits for one request of the other, not for its thousand', () => {
    const queue = new SignQueue<Item>();
    for (let index = 0; index < 1000; index++) {
      queue.add({ ...item(`a${String(index)}`, 'shared'), workload: 'a' });
    }
    queue.add({ ...item('b0', 'shared'), workload: 'b' });
    queue.add({ ...item('b1', 'shared'), workload: 'b' });
    expect(drain(queue).slice(0, 5)).toEqual(['a0', 'b0', 'a1', 'b1', 'a2']);
  });

  it('I10: a key with one workload waits for one request of a key with a hundred, not for one of each', () => {
    const queue = new SignQueue<Item>();
    for (let index = 0; index < 100; index++) {
      const workload = `w${String(index)}`;
      for (const one of ['first', 'second']) queue.add({ ...item(`${workload} ${one}`, 'shared'), workload });
    }
    queue.add({ ...item('b0', 'b'), workload: 'b' });
    queue.add({ ...item('b1', 'b'), workload: 'b' });
    expect(drain(queue).slice(0, 5)).toEqual(['w0 first', 'b0', 'w1 first', 'b1', 'w2 first']);
  });

  it('serves high before normal, whatever the key', () => {
    const queue = new SignQueue<Item>();
    queue.add(item('n1', 'a'));
    queue.add(item('n2', 'b'));
    queue.add(item('vote', 'c', 'high'));
    queue.add(item('checkpoint', 'd', 'high'));
    expect(drain(queue)).toEqual(['vote', 'checkpoint', 'n1', 'n2']);
  });

  it('a key that comes back waits its turn', () => {
    const queue = new SignQueue<Item>();
    queue.add(item('a0', 'a'));
    queue.add(item('b0', 'b'));
    expect(queue.take()?.name).toBe('a0');
    queue.add(item('a1', 'a'));
    expect(drain(queue)).toEqual(['b0', 'a1']);
  });

  it('takes out what is too old, of every key and priority, and nothing else', () => {
    const queue = new SignQueue<Item>();
    queue.add(item('old normal', 'a', 'normal', 1));
    queue.add(item('old high', 'b', 'high', 2));
    queue.add(item('at the limit', 'a', 'normal', 5));
    queue.add(item('young', 'c', 'normal', 9));
    queue.add({ ...item('old of another', 'a', 'normal', 4), workload: 'another' });
    expect(queue.takeBefore(5).map(({ name }) => name)).toEqual(['old high', 'old normal', 'old of another']);
    expect(queue.size).toBe(2);
    expect(drain(queue)).toEqual(['at the limit', 'young']);
    expect(queue.takeBefore(100)).toEqual([]);
  });
});
