import type { StepResult, VmAccount } from '../solana-svm.js';
import type { Prepared } from './check.js';

/** Executed transactions by family: which instructions ran successfully in one that moved value. */
export class FamilyReport {
  readonly moved = new Map<string, number>();
  readonly errors = new Map<string, number>();
  executed = 0;
  succeeded = 0;

  add(prepared: Prepared, results: readonly StepResult[]): void {
    let before = prepared.watch.map(
      (address): VmAccount | null => prepared.world.accounts.get(address) ?? null,
    );
    results.forEach((result, index) => {
      this.executed++;
      const assessment = prepared.steps[index]?.assessment;
      if (result.ok && assessment !== undefined) {
        this.succeeded++;
        if (movedValue(before, result.accounts)) {
          const families = assessment.instructions.map(
            (report) =>
              `${report.inner === undefined ? '' : 'Batch of '}${report.programName ?? '?'} ${report.name ?? '?'}`,
          );
          const general = [`version ${String(assessment.message.version)}`];
          if (assessment.fee.payer && assessment.fee.priority > 0n) general.push('priority fee');
          for (const family of new Set([...families, ...general])) {
            this.moved.set(family, (this.moved.get(family) ?? 0) + 1);
          }
        }
      } else {
        this.errors.set(result.error ?? '?', (this.errors.get(result.error ?? '?') ?? 0) + 1);
      }
      before = [...result.accounts];
    });
  }

  text(): string {
    const rows = [...this.moved]
      .sort((a, b) => b[1] - a[1])
      .map(([name, count]) => `${String(count).padStart(7)}  ${name}`);
    return [`executed ${String(this.executed)}, succeeded ${String(this.succeeded)}`, ...rows].join('\n');
  }
}

/** Whether any account but the fee payer's lamports alone changed hands: two accounts or a token balance differ. */
function movedValue(before: readonly (VmAccount | null)[], after: readonly (VmAccount | null)[]): boolean {
  let changed = 0;
  before.forEach((account, index) => {
    const now = after[index] ?? null;
    if ((account?.lamports ?? 0n) !== (now?.lamports ?? 0n)) changed++;
    else if (!Buffer.from(account?.data ?? []).equals(Buffer.from(now?.data ?? []))) changed++;
  });
  return changed >= 2;
}
