import { describe, expect, it } from 'vitest';
import { RestartDelay } from '../../../src/hsm/restart-delay.js';

describe('restart delay', () => {
  it('doubles up to a bound, for ever', () => {
    const delay = new RestartDelay({ backoff: 200, backoffMax: 30_000 });
    const delays = Array.from({ length: 10 }, () => delay.next(0).delayMs);
    expect(delays).toEqual([200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]);
    for (let attempt = 0; attempt < 2000; attempt++) delay.next(0);
    expect(delay.next(0)).toEqual({ attempt: 2011, delayMs: 30_000 });
  });

  it('is short again only after a host that lasted', () => {
    const delay = new RestartDelay({ backoff: 200, backoffMax: 30_000 });
    delay.next(0);
    expect(delay.next(29_000).delayMs).toBe(400);
    expect(delay.next(30_000)).toEqual({ attempt: 1, delayMs: 200 });
  });
});
