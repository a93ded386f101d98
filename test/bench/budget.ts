/** CPU microseconds per signature at 64 clients: docs/architecture/performance.md has the reasons. */
export const BUDGET = [
  { process: 'host', stage: 'C_SignInit + C_Sign', micros: 145 },
  { process: 'host', stage: 'frames', micros: 20 },
  { process: 'daemon', stage: 'transport', micros: 30 },
  { process: 'daemon', stage: 'identity', micros: 12 },
  { process: 'daemon', stage: 'decode, assess, decide', micros: 12 },
  { process: 'daemon', stage: 'two entries', micros: 14 },
  { process: 'daemon', stage: 'two commits, shared', micros: 6 },
  { process: 'daemon', stage: 'frames', micros: 6 },
  { process: 'daemon', stage: 'verify', micros: 75 },
  { process: 'load', stage: 'load generator', micros: 25 },
] as const;

export type BudgetProcess = (typeof BUDGET)[number]['process'];

/** The budget of a whole process, in microseconds per signature. */
export function budgetOf(process: BudgetProcess): number {
  return BUDGET.filter((row) => row.process === process).reduce((sum, row) => sum + row.micros, 0);
}
