import { afterAll, describe, expect, it } from 'vitest';
import type { Count } from '../../../src/policy/verdict.js';
import { pubkeyOf } from '../../support/policy-text.js';
import { wire } from '../../support/solana-build.js';
import { toScenario, type Prepared } from '../../support/solana-loss/check.js';
import { comparePolicy, countedBy, widePolicy } from '../../support/solana-loss/policy-counted.js';
import { Random } from '../../support/solana-loss/random.js';
import { reachedBy, worldOf } from '../../support/solana-loss/run.js';
import { compileMessage, randomInstructions } from '../../support/solana-loss/scenario.js';
import { describeViolation } from '../../support/solana-loss/violation.js';
import { createCast } from '../../support/solana-loss/world.js';
import { Vm } from '../../support/solana-svm.js';

const SEQUENCES = Number(process.env['CHANCERY_POLICY_SEQUENCES'] ?? 300);
const BATCH = 50;

/**
 * The loss test of `test/property/solana` proves what is assessed; this one what the policy makes of it: from policy
 * text to the sums a decision counts, which is what limits are held against.
 */
describe('I6: what a decision counts is never less than what the key loses', () => {
  const vm = new Vm();
  afterAll(() => vm.stop());

  it(`over ${String(SEQUENCES)} sequences executed by a Solana VM`, async () => {
    const cast = createCast(0, pubkeyOf('trading-1'));
    const policies = new Map([true, false].map((trusted) => [trusted, widePolicy(cast, trusted)]));
    let moved = 0;
    let seed = 1;
    for (let done = 0; done < SEQUENCES; done += BATCH) {
      const batch: { prepared: Prepared; counts: (readonly Count[])[] }[] = [];
      for (; batch.length < BATCH; seed++) {
        const world = worldOf(cast, seed);
        const policy = policies.get(world.trusted)!;
        const key = policy.keys.get('trading-1')!;
        const random = new Random(seed ^ 0x2545f491);
        const steps: Prepared['steps'][number][] = [];
        const counts: (readonly Count[])[] = [];
        for (let step = random.pick([1, 2, 3]); step > 0; step--) {
          const message = compileMessage(cast, random, randomInstructions(cast, random));
          const version = message[0] === 0x81 ? 1 : message[0] === 0x80 ? 0 : 'legacy';
          const bytes = wire(version, message, message[version === 'legacy' ? 0 : 1] ?? 0);
          const judged = countedBy(policy, key, bytes);
          if (judged === null) continue;
          steps.push({ wire: bytes, assessment: judged.assessment });
          counts.push(judged.counted);
        }
        if (steps.length > 0) {
          batch.push({ prepared: { seed, world, watch: reachedBy(world, steps), steps }, counts });
        }
      }
      const results = await vm.run(batch.map(({ prepared }) => toScenario(prepared)));
      for (const [index, { prepared, counts }] of batch.entries()) {
        const steps = results[index] ?? [];
        const policy = policies.get(prepared.world.trusted)!;
        const undercount = comparePolicy(prepared, policy, counts, steps);
        const outcome = undercount === null ? 'no undercount' : describeViolation({ undercount, prepared });
        expect(outcome).toBe('no undercount');
        moved += steps.filter(({ ok }) => ok).length;
      }
    }
    expect(moved).toBeGreaterThan(SEQUENCES / 4);
  });
});
