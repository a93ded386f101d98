import { relative } from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';

/** Seconds a suite (a folder of test/) may take, its files added up, on two cores: ten minutes for all of them. */
const BUDGETS: Readonly<Record<string, number>> = {
  unit: 150,
  property: 80,
  hostile: 30,
  structure: 20,
  integration: 80,
  fault: 400,
  e2e: 400,
};

/**
 * Prints what each suite took beside its budget, before the runner's own totals. It fails nothing: a busy machine
 * is no defect. A suite above its budget on an idle one is to be made faster.
 */
export class SuiteBudgets implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const taken = new Map<string, number>();
    for (const module of modules) {
      const [, suite = 'other'] = relative(process.cwd(), module.moduleId).split('/');
      const { collectDuration, duration } = module.diagnostic();
      taken.set(suite, (taken.get(suite) ?? 0) + collectDuration + duration);
    }
    if (taken.size === 0) return;
    console.log('');
    for (const [suite, ms] of taken) {
      const budget = BUDGETS[suite];
      const seconds = ms / 1000;
      const over = budget !== undefined && seconds > budget ? '  OVER BUDGET' : '';
      console.log(
        `  ${suite.padEnd(12)} ${seconds.toFixed(1).padStart(6)} s of ${String(budget ?? '-').padStart(4)} s${over}`,
      );
    }
  }
}
