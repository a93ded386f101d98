import type { Clock } from '../../src/core/clock.js';

/** A clock that moves only when a test says so. */
export class StillClock implements Clock {
  now: number;

  constructor(now = Date.parse('2026-01-01T00:00:00Z')) {
    this.now = now;
  }

  wall(): number {
    return this.now;
  }

  boot(): number {
    return this.now;
  }
}
