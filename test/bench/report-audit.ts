import type { AuditRates } from './audit-rates.js';

export function auditText({ entries, bytesPerEntry, rates }: AuditRates): string {
  return [
    `audit of ${String(entries)} entries of ${bytesPerEntry.toFixed(0)} bytes`.padEnd(40) +
      '  entries/s   per CPU s',
    ...Object.entries(rates).map(
      ([name, rate]) =>
        `  ${name.padEnd(38)} ${rate.entriesPerSecond.toFixed(0).padStart(10)} ${rate.entriesPerCpuSecond.toFixed(0).padStart(11)}`,
    ),
  ].join('\n');
}
