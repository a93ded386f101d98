import { describe, expect, it } from 'vitest';
import { ClockGuard } from '../../../src/signing/clock-guard.js';

class SetClock {
  wallMs = 1_000_000;
  bootMs = 500;
  wall(): number {
    return this.wallMs;
  }
  boot(): number {
    return this.bootMs;
  }
  pass(ms: number): void {
    this.wallMs += ms;
    this.bootMs += ms;
  }
}

describe('ClockGuard', () => {
  it('trusts clocks that move together', () => {
    const clock = new SetClock();
    const guard = new ClockGuard(clock);
    clock.pass(86_400_000);
    expect(guard.check(1_000_000)).toBeNull();
    expect(guard.wall()).toBe(87_400_000);
  });

  it('latches on a wall clock that outruns the boot clock, and then keeps the time of the boot clock', () => {
    const clock = new SetClock();
    const guard = new ClockGuard(clock);
    clock.pass(1000);
    clock.wallMs += 5001;
    expect(guard.check(1_000_000)?.code).toBe('CLOCK_JUMPED');
    expect(guard.wall()).toBe(1_001_000);
    // Setting it back does not undo the latch: what was signed in between may have used fresh windows.
    clock.wallMs -= 5001;
    expect(guard.check(1_000_000)?.code).toBe('CLOCK_JUMPED');
  });

  it('latches on a wall clock that falls behind the boot clock', () => {
    const clock = new SetClock();
    const guard = new ClockGuard(clock);
    clock.pass(60_000);
    clock.wallMs -= 5001;
    expect(guard.check(0)?.code).toBe('CLOCK_JUMPED');
    expect(guard.wall()).toBe(1_060_000);
  });

  it('says of itself that it jumped, and of the first jump', () => {
    const clock = new SetClock();
    const guard = new ClockGuard(clock);
    expect(guard.jumped).toBeNull();
    clock.wallMs += 7000;
    expect(guard.jumped).toBe('the wall clock moved 7 s against the boot clock');
    clock.wallMs += 20_000;
    expect(guard.jumped).toBe('the wall clock moved 7 s against the boot clock');
    expect(guard.boot()).toBe(500);
  });

  it('tolerates steps of 5 s either way', () => {
    const clock = new SetClock();
    const guard = new ClockGuard(clock);
    clock.wallMs += 5000;
    expect(guard.check(1_000_000)).toBeNull();
    clock.wallMs -= 10_000;
    expect(guard.check(999_000)).toBeNull();
  });

  it('stops on a wall clock behind the ledger', () => {
    const clock = new SetClock();
    const guard = new ClockGuard(clock);
    expect(guard.check(1_005_000)).toBeNull();
    expect(guard.check(1_005_001)?.code).toBe('CLOCK_JUMPED');
  });

  it('takes the later clock for expiry: setting the wall clock back within the tolerance gains nothing', () => {
    const clock = new SetClock();
    const guard = new ClockGuard(clock);
    clock.pass(60_000);
    clock.wallMs -= 4000;
    expect(guard.latest()).toBe(1_060_000);
    clock.wallMs += 8000;
    expect(guard.latest()).toBe(1_064_000);
  });
});
