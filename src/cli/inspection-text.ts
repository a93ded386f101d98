import { printable } from '../core/printable.js';
import type { Inspection } from '../sovereign/inspect-statement.js';

/** A statement for people: what it grants, until when, who has signed, who is missing. */
export function inspectionText(inspection: Inspection): string {
  return `${termsText(inspection)}\n${signaturesText(inspection)}`;
}

/** What whoever signs it says yes to. */
export function termsText(inspection: Inspection): string {
  const lines = [
    `${inspection.kind} ${inspection.id}`,
    ...inspection.grants.map((grant) => `  ${printable(grant)}`),
    `  for      ${inspection.signer}, epoch ${String(inspection.epoch)}`,
    `  issued   ${inspection.issuedAt}`,
    `  expires  ${inspection.expiresAt ?? 'never'}`,
    ...(inspection.reason === null ? [] : [`  reason   ${printable(inspection.reason)}`]),
    `  SHA-256  ${inspection.digest}`,
  ];
  return lines.join('\n');
}

/** Who has signed it, who is missing, and whose signatures do not count. */
export function signaturesText({ needed, signed, missing, ignored, quorum }: Inspection): string {
  const lines = [
    `  signed   ${signed.length === 0 ? 'nobody' : signed.join(', ')} (${String(signed.length)} of ${String(needed)} needed)`,
    ...(quorum || missing.length === 0 ? [] : [`  missing  ${missing.join(', ')}`]),
    ...ignored.map(({ authority, why }) => `  ignored  ${printable(authority)}: ${printable(why)}`),
  ];
  return lines.join('\n');
}
