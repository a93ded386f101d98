import type { Difference, ReplayReport } from '../replay/replay-tally.js';
import { printable } from '../../core/printable.js';

const SHOWN = 20;

/** The report of a replay for people, without a final line feed. */
export function replayText(report: ReplayReport): string {
  const { authorizations, denials, unjudged, different, differences, refusedBy } = report;
  const lines = [
    `judged again  ${String(authorizations)} authorizations, ${String(denials)} denials (${String(unjudged)} more not judged)`,
    `the same      ${String(report.same)}`,
    `different     ${String(different)}: ${String(report.refused)} refused now, ${String(report.allowed)} allowed now`,
    ...table('refused now, by rule', refusedBy.rule),
    ...table('refused now, by key', refusedBy.key),
    ...table('refused now, by workload', refusedBy.workload),
  ];
  if (differences.length > 0) lines.push('', ...differences.slice(0, SHOWN).map(differenceText));
  if (different > SHOWN) lines.push(`and ${String(different - SHOWN)} more`);
  return lines.join('\n');
}

function table(title: string, counts: Readonly<Record<string, number>>): string[] {
  const rows = Object.entries(counts).sort((left, right) => right[1] - left[1]);
  return rows.length === 0
    ? []
    : ['', title, ...rows.map(([name, count]) => `  ${String(count).padStart(8)}  ${printable(name)}`)];
}

function differenceText({ sequence, time, key, workload, was, now, reasons }: Difference): string {
  const head = `entry ${String(sequence)}  ${time}  ${printable(key)} for ${printable(workload)}: was ${was}, is ${now}`;
  return [head, ...reasons.map((reason) => `    ${printable(reason)}`)].join('\n');
}
