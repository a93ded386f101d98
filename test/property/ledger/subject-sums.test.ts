import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SPANS } from '../../../src/ledger/fold/meters.js';
import type { Span } from '../../../src/ledger/fold/rolling-sum.js';
import { SubjectSums } from '../../../src/ledger/fold/subject-sums.js';

interface Addition {
  readonly time: number;
  readonly subject: string;
  readonly amount: bigint;
}

const SUBJECTS = ['a', 'b', 'c', 'd', 'e', 'f'];

function additions(span: Span): fc.Arbitrary<Addition[]> {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 2 * span.bucket }) },
    { weight: 2, arbitrary: fc.integer({ min: 0, max: span.window }) },
    { weight: 1, arbitrary: fc.integer({ min: span.window, max: 2 * span.window }) },
  );
  const amount = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  const one = fc.tuple(step, fc.constantFrom(...SUBJECTS), amount);
  return fc.array(one, { minLength: 1, maxLength: 60 }).map((list) => {
    let time = 1_700_000_000_123;
    return list.map(([wait, subject, units]) => ({ time: (time += wait), subject, amount: units }));
  });
}

/** The plain list, added up. */
function exact(all: readonly Addition[], subject: string, from: number): bigint {
  return all
    .filter((one) => one.subject === subject && one.time >= from)
    .reduce((sum, { amount }) => sum + amount, 0n);
}

describe.each(['10m', '24h'] as const)('the sums of subjects over %s', (window) => {
  const span = SPANS[window];

  it('I6: with a place for each, hold at least the exact sum and at most what window and one bucket hold', () => {
    fc.assert(
      fc.property(additions(span), (all) => {
        const sums = new SubjectSums(span, SUBJECTS.length);
        all.forEach(({ subject, amount, time }, index) => {
          sums.add(subject, amount, time);
          const so = all.slice(0, index + 1);
          for (const other of SUBJECTS) {
            expect(sums.at(other, time)).toBeGreaterThanOrEqual(exact(so, other, time - span.window));
            expect(sums.at(other, time)).toBeLessThanOrEqual(
              exact(so, other, time - span.window - span.bucket),
            );
          }
        });
      }),
      { numRuns: 60 },
    );
  });

  it('I6: with fewer places than subjects, still hold at least the exact sum', () => {
    let shared = 0;
    fc.assert(
      fc.property(additions(span), fc.integer({ min: 0, max: 4 }), (all, most) => {
        const sums = new SubjectSums(span, most);
        all.forEach(({ subject, amount, time }, index) => {
          sums.add(subject, amount, time);
          const so = all.slice(0, index + 1);
          for (const other of SUBJECTS) {
            expect(sums.at(other, time)).toBeGreaterThanOrEqual(exact(so, other, time - span.window));
          }
          if (sums.at('nobody', time) > 0n) shared++;
        });
        const end = (all.at(-1)?.time ?? 0) + span.window + 2 * span.bucket;
        for (const other of SUBJECTS) expect(sums.at(other, end)).toBe(0n);
      }),
      { numRuns: 60 },
    );
    // The shared sum was in use often, or the property has said nothing.
    expect(shared).toBeGreaterThan(40);
  });

  it('say the earliest time at which one has drained to some room, the shared sum included', () => {
    fc.assert(
      fc.property(
        additions(span),
        fc.integer({ min: 0, max: 4 }),
        fc.bigInt(0n, 2n ** 66n),
        (all, most, room) => {
          const sums = new SubjectSums(span, most);
          for (const { subject, amount, time } of all) sums.add(subject, amount, time);
          const now = all.at(-1)?.time ?? 0;
          for (const subject of [...SUBJECTS, 'nobody']) {
            const drained = sums.drainsTo(subject, room, now);
            expect(sums.at(subject, drained!)).toBeLessThanOrEqual(room);
            if (drained! > now) expect(sums.at(subject, drained! - 1)).toBeGreaterThan(room);
          }
          expect(sums.drainsTo('a', -1n, now)).toBeNull();
        },
      ),
      { numRuns: 60 },
    );
  });

  it('give a place to others once what was there has drained', () => {
    const sums = new SubjectSums(span, 1);
    sums.add('a', 5n, 0);
    sums.add('b', 7n, 0);
    expect([sums.at('a', 0), sums.at('b', 0), sums.at('c', 0)]).toEqual([12n, 7n, 7n]);
    const later = span.window + 2 * span.bucket;
    sums.add('b', 1n, later);
    sums.add('a', 2n, later);
    expect([sums.at('a', later), sums.at('b', later), sums.at('c', later)]).toEqual([2n, 3n, 2n]);
  });
});
