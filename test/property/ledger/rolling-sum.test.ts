import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SPANS } from '../../../src/ledger/fold/meters.js';
import { RollingSum, type Span } from '../../../src/ledger/fold/rolling-sum.js';
import { WINDOWS } from '../../../src/ledger/state.js';

interface Addition {
  readonly time: number;
  readonly amount: bigint;
}

/** Times that fall on, just before and just after the edges of buckets and windows. */
function additions(span: Span): fc.Arbitrary<Addition[]> {
  const step = fc.oneof(
    fc.integer({ min: 0, max: 3 * span.window }),
    fc.integer({ min: 0, max: 2 * span.bucket }),
    fc.constantFrom(0, 1, span.bucket - 1, span.bucket, span.window - 1, span.window, span.window + 1),
  );
  const amount = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  return fc.array(fc.tuple(step, amount), { maxLength: 60 }).map((pairs) => {
    let time = 1_700_000_000_123;
    return pairs.map(([wait, units]) => ({ time: (time += wait), amount: units }));
  });
}

function within(all: readonly Addition[], from: number): bigint {
  return all.filter(({ time }) => time >= from).reduce((sum, { amount }) => sum + amount, 0n);
}

describe.each(WINDOWS)('the rolling sum over %s', (window) => {
  const span = SPANS[window];

  it('I6: is never less than the exact sum, and at most what window and one bucket hold', () => {
    fc.assert(
      fc.property(additions(span), fc.integer({ min: 0, max: 2 * span.window }), (all, later) => {
        const sum = new RollingSum(span);
        for (const [index, { time, amount }] of all.entries()) {
          sum.add(amount, time);
          const so = all.slice(0, index + 1);
          check(sum, so, time);
        }
        check(sum, all, (all.at(-1)?.time ?? 0) + later);
      }),
      { numRuns: 60 },
    );
    function check(sum: RollingSum, so: readonly Addition[], now: number): void {
      expect(sum.at(now)).toBeGreaterThanOrEqual(within(so, now - span.window));
      expect(sum.at(now)).toBeLessThanOrEqual(within(so, now - span.window - span.bucket));
      expect(sum.at(now)).toBe(sum.at(now));
    }
  });

  it('says the earliest time at which it has drained to some room', () => {
    fc.assert(
      fc.property(additions(span), fc.bigInt({ min: 0n, max: 2n ** 66n }), (all, room) => {
        const sum = new RollingSum(span);
        for (const { time, amount } of all) sum.add(amount, time);
        const now = all.at(-1)?.time ?? 0;
        const drained = sum.drainsTo(room, now);
        expect(drained).not.toBeNull();
        expect(sum.at(drained!)).toBeLessThanOrEqual(room);
        if (drained! > now) expect(sum.at(drained! - 1)).toBeGreaterThan(room);
      }),
      { numRuns: 60 },
    );
  });
});

it('never drains to less than nothing', () => {
  expect(new RollingSum(SPANS['1h']).drainsTo(-1n, 0)).toBeNull();
});
