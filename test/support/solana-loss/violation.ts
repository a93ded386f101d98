import { Buffer } from 'node:buffer';
import { toAddress } from '../../../src/core/pubkey.js';
import type { Prepared, Undercount } from './check.js';

export interface Violation {
  readonly undercount: Undercount;
  readonly prepared: Prepared;
}

/** Everything needed to see and to repeat an undercount. */
export function describeViolation({ undercount, prepared }: Violation): string {
  const { unit, lost, counted, step, rule } = undercount;
  const lines = [
    `undercount (${rule}) at seed ${String(prepared.seed)}, step ${String(step)}: lost ${String(lost)} of ${unit}, counted ${String(counted)}`,
    `accounts ${prepared.world.trusted ? 'trusted' : 'counted'}, key ${toAddress(prepared.world.cast.key)}`,
  ];
  prepared.steps.slice(0, step + 1).forEach(({ wire, assessment }, index) => {
    lines.push(`step ${String(index)}: ${Buffer.from(wire).toString('base64')}`);
    for (const report of assessment.instructions) {
      const debits = report.debits.map(
        (debit) =>
          `${String(debit.amount)} ${debit.asset.kind === 'sol' ? 'SOL' : debit.asset.mint} to ${String(debit.destination)}${debit.own ? ' (own)' : ''}`,
      );
      lines.push(`  ${report.programName ?? '?'} ${report.name ?? '?'}: ${debits.join(', ') || 'nothing'}`);
    }
  });
  return lines.join('\n');
}
