import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/policy/decide.js';
import type { PolicyState } from '../../../src/policy/policy-state.js';
import type { RateWindow } from '../../../src/policy/policy.js';
import { compile, memo, systemTransfer } from '../../support/solana-build.js';
import { FoldedState } from '../../support/policy-fold.js';
import { questionOf } from '../../support/policy-question.js';
import { attestation, ListState, NOON } from '../../support/policy-state.js';
import { policyWith, pubkeyOf } from '../../support/policy-text.js';

const K = pubkeyOf('trading-1');
const BOB = pubkeyOf('bob');
const MS: Readonly<Record<RateWindow, number>> = {
  '1m': 60_000,
  '10m': 600_000,
  '1h': 3_600_000,
  '24h': 86_400_000,
  '7d': 604_800_000,
  '30d': 2_592_000_000,
};
const LIMITS = [
  ['10m', 1_000_000_000n, '1 SOL'],
  ['1h', 2_000_000_000n, '2 SOL'],
  ['24h', 5_000_000_000n, '5 SOL'],
  ['7d', 9_000_000_000n, '9 SOL'],
  ['30d', 20_000_000_000n, '20 SOL'],
] as const;
const RATE = 6;
const site = policyWith({
  limits: LIMITS.map(([window, , max]) => ({ asset: 'SOL', window, max })),
  rate: { max: RATE, window: '1m' },
  attestation: { maxAge: '365d' },
});

interface Step {
  readonly wait: number;
  readonly lamports: readonly bigint[];
  readonly repeat: boolean;
}

/** Waits from milliseconds to days, one to three transfers, now and then the same bytes again. */
const steps = fc.array(
  fc.record<Step>({
    wait: fc.oneof(
      { weight: 5, arbitrary: fc.integer({ min: 0, max: 20_000 }) },
      { weight: 3, arbitrary: fc.integer({ min: 0, max: 1_800_000 }) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 3 * 86_400_000 }) },
    ),
    lamports: fc.array(fc.bigInt({ min: 0n, max: 700_000_000n }), { minLength: 1, maxLength: 3 }),
    repeat: fc.boolean(),
  }),
  { minLength: 20, maxLength: 60 },
);

interface Spend {
  readonly time: number;
  readonly amount: bigint;
}

/** The true rolling sum, kept by nobody but this test: what the chain could have taken within the window. */
function rolling(spends: readonly Spend[], window: RateWindow, now: number): bigint {
  return spends.reduce((sum, { time, amount }) => (time > now - MS[window] ? sum + amount : sum), 0n);
}

interface Past {
  readonly state: PolicyState;
  readonly record: (question: Parameters<typeof decide>[0], verdict: ReturnType<typeof decide>) => void;
}

function play(sequence: readonly Step[], past: Past, exact: boolean): { allowed: number; refused: number } {
  const allowed: Spend[] = [];
  let refused = 0;
  let now = NOON;
  let serial = 0;
  let last: Buffer | null = null;
  for (const { wait, lamports, repeat } of sequence) {
    now += wait;
    const fresh = compile(
      'legacy',
      [K],
      [...lamports.map((amount) => systemTransfer(K, BOB, amount)), memo(String(serial++))],
    );
    const message: Buffer = repeat && last !== null ? last : fresh;
    const question = questionOf(site, message, { now });
    const verdict = decide(question, past.state);
    const sum = lamports.reduce((total, amount) => total + amount, 0n);
    const { lamports: fee } = question.assessment.fee;
    if (verdict.decision === 'allow') {
      // Equal bytes are one transaction on chain: a repeat can take nothing a second time.
      if (verdict.repeats === null) {
        const debits = question.assessment.instructions.flatMap(({ debits }) => debits);
        const amount = debits.reduce((total, debit) => total + debit.amount, 0n) + fee;
        if (message === fresh) expect(amount).toBe(sum + fee);
        allowed.push({ time: now, amount });
      } else expect(verdict.counted).toEqual([]);
      past.record(question, verdict);
      last = message;
    } else {
      refused++;
      if (exact && message === fresh) {
        const over = LIMITS.some(([window, max]) => rolling(allowed, window, now) + sum + fee > max);
        const fast = allowed.filter(({ time }) => time > now - MS['1m']).length >= RATE;
        expect(over || fast, 'refused though everything fits').toBe(true);
      }
    }
    for (const [window, max] of LIMITS) {
      expect(rolling(allowed, window, now), window).toBeLessThanOrEqual(max);
    }
    expect(allowed.filter(({ time }) => time > now - MS['1m']).length).toBeLessThanOrEqual(RATE);
  }
  return { allowed: allowed.length, refused };
}

function listed(): Past {
  const state = new ListState(attestation({ expiresAt: NOON + 365 * 86_400_000 }));
  let sequence = 3;
  return {
    state,
    record: (question, verdict) => {
      if (verdict.decision !== 'allow' || verdict.repeats !== null) return;
      for (const { unit, amount } of verdict.counted) state.spend(unit, amount, question.now);
      const name = `${question.workload} transaction ${question.messageHash}`;
      state.seen.set(name, { sequence: sequence++, time: question.now });
    },
  };
}

function folded(): Past {
  const state = new FoldedState(NOON);
  return {
    state: state.fold,
    record: (question, verdict) => {
      if (verdict.decision === 'allow') state.authorize(question, verdict);
    },
  };
}

describe('I6: what is allowed never passes a limit, in any window at any time', () => {
  it('over exact sums, and nothing is refused that fits', () => {
    const totals = { allowed: 0, refused: 0 };
    fc.assert(
      fc.property(steps, (sequence) => {
        const { allowed, refused } = play(sequence, listed(), true);
        totals.allowed += allowed;
        totals.refused += refused;
      }),
      { numRuns: 60 },
    );
    // Both outcomes happened often, or the property has said nothing.
    expect(totals.allowed).toBeGreaterThan(200);
    expect(totals.refused).toBeGreaterThan(200);
  });

  it("over the ledger's own fold, whose windows count the oldest bucket whole", () => {
    const totals = { allowed: 0, refused: 0 };
    fc.assert(
      fc.property(steps, (sequence) => {
        const { allowed, refused } = play(sequence, folded(), false);
        totals.allowed += allowed;
        totals.refused += refused;
      }),
      { numRuns: 40 },
    );
    expect(totals.allowed).toBeGreaterThan(150);
    expect(totals.refused).toBeGreaterThan(150);
  });

  it('and at the time a refusal names, the same request fits', () => {
    let seen = 0;
    fc.assert(
      fc.property(steps, (sequence) => {
        const past = listed();
        let now = NOON;
        sequence.forEach(({ wait, lamports }, index) => {
          now += wait;
          const message = compile(
            'legacy',
            [K],
            [...lamports.map((amount) => systemTransfer(K, BOB, amount)), memo(String(index))],
          );
          const question = questionOf(site, message, { now });
          const verdict = decide(question, past.state);
          past.record(question, verdict);
          if (verdict.decision === 'allow') return;
          const resets = verdict.failures.map(({ resetsAt }) => Date.parse(resetsAt ?? ''));
          if (resets.some(Number.isNaN)) return;
          seen++;
          const when = Math.max(...resets);
          const decideAt = (time: number): string =>
            decide({ ...question, now: time, entryTime: time }, past.state).decision;
          expect(decideAt(when)).toBe('allow');
          if (when > now) expect(decideAt(when - 1)).toBe('deny');
        });
      }),
      { numRuns: 20 },
    );
    expect(seen).toBeGreaterThan(50);
  });
});
