import { describe, expect, it } from 'vitest';
import { Pace } from '../../../src/transport/pace.js';

describe('a pace', () => {
  it('lets a burst through at once, then one after the other', () => {
    const pace = new Pace(100, 5, 1000);
    expect([1, 2, 3, 4, 5, 6, 7].map(() => pace.spend(1, 1, 0))).toEqual([0, 0, 0, 0, 0, 10, 20]);
  });

  it('forgets with time what was paid, and no more than a burst', () => {
    const pace = new Pace(100, 5, 1000);
    for (let index = 0; index < 7; index++) pace.spend(1, 1, 0);
    expect(pace.spend(1, 1, 30)).toBe(0);
    expect(pace.spend(1, 6, 60_000)).toBe(10);
  });

  it('holds nobody within the burst for the fractions of a clock', () => {
    for (let now = 1000.1; now < 2000; now += 0.37) {
      const pace = new Pace(4, 3, 1000);
      expect([1, 2, 3].map(() => pace.spend(1, 1, now))).toEqual([0, 0, 0]);
    }
  });

  it('keeps uids apart', () => {
    const pace = new Pace(100, 1, 1000);
    expect(pace.spend(1, 50, 0)).toBe(490);
    expect(pace.spend(2, 1, 0)).toBe(0);
  });

  it('makes nobody wait longer than its bound, however much was spent', () => {
    const pace = new Pace(100, 5, 1000);
    expect(pace.spend(1, 1e9, 0)).toBe(1000);
    expect(pace.spend(1, 1e9, 0)).toBe(1000);
    expect(pace.spend(1, 1, 1050)).toBe(0);
  });

  it('stays right for many uids, most of them long paid', () => {
    const pace = new Pace(100, 1, 1000);
    for (let uid = 0; uid < 1000; uid++) expect(pace.spend(uid, 2, uid)).toBe(10);
    expect(pace.spend(999, 1, 999)).toBe(20);
    expect(pace.spend(0, 1, 999)).toBe(0);
  });
});
