import type { Failure } from '../../core/errors.js';
import type { InstructionReport } from '../../solana/assessment.js';

/** Where in the transaction a failure lies. */
export function at({ index, inner }: InstructionReport): Pick<Failure, 'instruction' | 'inner'> {
  return inner === undefined ? { instruction: index } : { instruction: index, inner };
}

/** The same for people: `instruction 2`, `instruction 2, inner 5`. */
export function where(report: InstructionReport): string {
  return instructionText(report.index, report.inner);
}

export function instructionText(index: number, inner: number | undefined): string {
  return `instruction ${String(index)}${inner === undefined ? '' : `, inner ${String(inner)}`}`;
}
