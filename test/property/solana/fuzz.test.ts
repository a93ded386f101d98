import { afterAll, describe, expect, it } from 'vitest';
import { compare, toScenario } from '../../support/solana-loss/check.js';
import { saved, save } from '../../support/solana-loss/corpus.js';
import { minimise } from '../../support/solana-loss/minimise.js';
import { CASTS, runLoss } from '../../support/solana-loss/run.js';
import { describeViolation } from '../../support/solana-loss/violation.js';
import { Vm } from '../../support/solana-svm.js';

/** Set by `npm run fuzz`. */
const MINUTES = Number(process.env['CHANCERY_FUZZ_MINUTES'] ?? 0);
const SEED = Number(process.env['CHANCERY_FUZZ_SEED'] ?? 0);

describe('I6: saved cases', () => {
  const vm = new Vm();
  afterAll(() => vm.stop());

  it('lose no more than is counted', async () => {
    const cases = saved();
    expect(cases.length).toBeGreaterThan(0);
    for (const { path, prepared } of cases) {
      if (prepared === null) continue;
      const [results] = await vm.run([toScenario(prepared)]);
      expect(results === undefined ? null : compare(prepared, results), path).toBeNull();
    }
  });

  it.runIf(MINUTES > 0)('fuzzing finds no undercount', { timeout: MINUTES * 60_000 + 60_000 }, async () => {
    const end = Date.now() + MINUTES * 60_000;
    const { report, violation } = await runLoss({
      firstSeed: SEED,
      transactions: Number.POSITIVE_INFINITY,
      until: () => Date.now() > end,
    });
    console.log(report.text());
    if (violation !== null) {
      const smallest = await minimise(vm, violation);
      const path = save(smallest.prepared, violation.prepared.seed % CASTS, smallest.undercount.rule);
      expect.fail(`${describeViolation(smallest)}\nsaved as ${path}`);
    }
  });
});
