import { describe, expect, it } from 'vitest';
import { runLoss } from '../../support/solana-loss/run.js';

const TRANSACTIONS = Number(process.env['CHANCERY_LOSS_TRANSACTIONS'] ?? 20_000);

describe('I6: loss is never undercounted', () => {
  it(`over ${String(TRANSACTIONS)} transactions executed by a Solana VM`, { timeout: 300_000 }, async () => {
    const { report, violation } = await runLoss({ firstSeed: 1, transactions: TRANSACTIONS });
    console.log(report.text());
    console.log([...report.errors].sort((a, b) => b[1] - a[1]).slice(0, 20));
    if (violation !== null) {
      console.log(violation.undercount, violation.prepared.seed, violation.prepared.world.trusted);
      console.log(
        violation.prepared.steps.map((s) =>
          s.assessment.instructions.map((r) => [r.programName, r.inner, r.name, r.debits, r.details]),
        ),
      );
    }
    expect(violation).toBeNull();
  });
});
