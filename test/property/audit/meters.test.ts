import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Meters as Audited } from '../../../src/audit/replay/meters.js';
import { Meters as Folded } from '../../../src/ledger/fold/meters.js';
import { WINDOWS } from '../../../src/ledger/state.js';
import type { Subject } from '../../../src/policy/policy-state.js';

const KEYS = ['k1', 'k2'] as const;
const UNITS = ['SOL', 'fee'] as const;
const WORKLOADS = ['a', 'b'] as const;
const ACCOUNTS = ['x', 'y', 'z'] as const;
const START = Date.parse('2026-01-01T00:00:00Z');

/** The daemon's meters and the audit's, given the same history. */
class Both {
  readonly folded = new Folded();
  readonly audited = new Audited();
  now = START;

  add(key: string, workload: string, unit: string, amount: bigint, to: readonly string[]): void {
    this.folded.add(key, unit, amount, this.now);
    this.folded.addBy({ kind: 'workload', publicKey: key, workload }, unit, amount, this.now);
    for (const destination of to) {
      this.folded.addBy({ kind: 'destination', publicKey: key, destination }, unit, amount, this.now);
    }
    const payments = to.map((destination) => ({ unit, destination, amount }));
    this.audited.add(key, workload, [{ unit, amount: amount.toString() }], payments, this.now);
  }

  fill(): void {
    this.folded.fill(this.now);
    this.audited.fill(this.now);
  }

  agree(subjects: readonly Subject[], room: bigint): void {
    for (const window of WINDOWS) {
      for (const unit of UNITS) {
        for (const key of KEYS) {
          const asked = [key, unit, window] as const;
          expect(this.audited.spent(...asked, this.now)).toBe(this.folded.spent(...asked, this.now));
          expect(this.audited.drainsTo(...asked, room, this.now)).toBe(
            this.folded.drainsTo(...asked, room, this.now),
          );
        }
        for (const subject of subjects) {
          const asked = [subject, unit, window] as const;
          expect(this.audited.spentBy(...asked, this.now)).toBe(this.folded.spentBy(...asked, this.now));
          expect(this.audited.drainsToBy(...asked, room, this.now)).toBe(
            this.folded.drainsToBy(...asked, room, this.now),
          );
        }
      }
    }
  }
}

const SUBJECTS: readonly Subject[] = KEYS.flatMap((publicKey) => [
  ...WORKLOADS.map((workload) => ({ kind: 'workload' as const, publicKey, workload })),
  ...ACCOUNTS.map((destination) => ({ kind: 'destination' as const, publicKey, destination })),
]);

const step = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('add' as const),
      key: fc.constantFrom(...KEYS),
      workload: fc.constantFrom(...WORKLOADS),
      unit: fc.constantFrom(...UNITS),
      amount: fc.bigInt(0n, 1000n),
      to: fc.subarray([...ACCOUNTS]),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.oneof(fc.integer({ min: 0, max: 90_000 }), fc.integer({ min: 0, max: 40 * 86_400_000 })),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('fill' as const) }) },
);

describe('the meters of a replay', () => {
  it('say at every moment what those of the daemon say, of keys and below them', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.bigInt(-1n, 3000n), (steps, room) => {
        const both = new Both();
        for (const one of steps) {
          if (one.kind === 'add') both.add(one.key, one.workload, one.unit, one.amount, one.to);
          else if (one.kind === 'wait') both.now += one.ms;
          else both.fill();
        }
        both.agree(SUBJECTS, room);
      }),
      { numRuns: 150 },
    );
  });

  it('also of more accounts than have a sum of their own, and when those make room', () => {
    const both = new Both();
    const name = (index: number): string => `account-${String(index)}`;
    const subject = (index: number): Subject => ({
      kind: 'destination',
      publicKey: 'k1',
      destination: name(index),
    });
    for (let index = 0; index < 4100; index++) both.add('k1', 'a', 'SOL', 5n, [name(index)]);
    const asked = [0, 4095, 4096, 4099, 9999].map(subject);
    both.agree(asked, 7n);
    expect(both.audited.spentBy(subject(9999), 'SOL', '1h', both.now)).toBe(20n);
    for (let hours = 0; hours < 30; hours += 5) {
      both.now += 5 * 3_600_000;
      both.add('k1', 'a', 'SOL', 3n, [name(4099), name(hours)]);
      both.agree(asked, 7n);
    }
  });
});
