import { describe, expect, it } from 'vitest';
import { runLoss } from '../../support/solana-loss/run.js';
import { describeViolation } from '../../support/solana-loss/violation.js';

const TRANSACTIONS = Number(process.env['CHANCERY_LOSS_TRANSACTIONS'] ?? 20_000);

/** What must have run successfully, in a transaction that moved value, at least 200 times in a full run. */
const FAMILIES = [
  'system Transfer',
  'system CreateAccount',
  'system CreateAccountWithSeed',
  'system CreateAccountAllowPrefund',
  'system TransferWithSeed',
  'token Transfer',
  'token TransferChecked',
  'token CloseAccount',
  'token UnwrapLamports',
  'token-2022 Transfer',
  'token-2022 TransferChecked',
  'token-2022 TransferCheckedWithFee',
  'token-2022 CloseAccount',
  'Batch of token Transfer',
  'Batch of token TransferChecked',
  'Batch of token-2022 TransferChecked',
  'associated-token Create',
  'associated-token CreateIdempotent',
  'stake Withdraw',
  'stake Split',
  'stake Merge',
  'stake MoveStake',
  'stake MoveLamports',
  'stake Initialize',
  'address-lookup-table CreateLookupTable',
  'address-lookup-table ExtendLookupTable',
  'address-lookup-table CloseLookupTable',
  'priority fee',
  'version legacy',
  'version 0',
  'version 1',
];

describe('I6: loss is never undercounted', () => {
  it(`over ${String(TRANSACTIONS)} transactions executed by a Solana VM`, { timeout: 300_000 }, async () => {
    const { report, violation } = await runLoss({ firstSeed: 1, transactions: TRANSACTIONS });
    console.log(report.text());
    const outcome = violation === null ? 'no undercount' : describeViolation(violation);
    console.log(outcome);
    expect(outcome).toBe('no undercount');
    expect(report.executed).toBeGreaterThanOrEqual(TRANSACTIONS);
    // A shorter run (for mutations) shows fewer of each.
    const least = TRANSACTIONS >= 20_000 ? 200 : 0;
    expect(FAMILIES.filter((family) => (report.moved.get(family) ?? 0) < least)).toEqual([]);
  });
});
