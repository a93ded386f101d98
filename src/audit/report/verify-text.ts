import { DAMAGE_EXIT_CODES, type Damage } from '../read/damage.js';
import type { VerifyReport } from '../verify.js';
import { printable } from '../../core/printable.js';

const SHOWN_DAMAGES = 20;

/** 0 when nothing is wrong, else the code of the first damage (`DAMAGE_EXIT_CODES`). */
export function verifyExitCode({ damages: [first] }: VerifyReport): number {
  return first === undefined ? 0 : DAMAGE_EXIT_CODES[first.kind];
}

/** The report for people, one fact a line, without a final line feed. */
export function verifyText(report: VerifyReport): string {
  return [...facts(report), ...cautions(report), ...damageLines(report)].join('\n');
}

function facts(report: VerifyReport): string[] {
  const { counts, open, checkpoints } = report;
  const of = (type: keyof typeof counts): string => String(counts[type] ?? 0);
  const lines = [
    `ledger       ${printable(report.origin ?? 'unknown')}`,
    `ledger key   ${printable(report.ledgerKey ?? 'unknown')}${report.pinned ? ' (as given)' : ''}`,
    `entries      ${String(report.entries)} in ${String(report.segments)} segments, ${String(report.bytes)} bytes`,
    `time         ${report.from ?? '-'} to ${report.to ?? '-'}`,
    `head         ${report.head ?? '-'}`,
    `root         ${report.root}`,
    `authorized   ${of('authorization')}: ${of('signature')} signed, ${of('failure')} failed, ${of('recovered')} recovered, ${String(open.length)} in flight`,
    `denied       ${of('denial')} entries`,
    `signatures   ${String(report.signatures)} verified over the messages authorized`,
    `statements   ${String(report.statements)} verified`,
    `checkpoints  ${String(checkpoints.met)} of ${String(checkpoints.given)} met`,
  ];
  return lines;
}

function cautions({ pinned, checkpoints, sound }: VerifyReport): string[] {
  if (!sound) return [];
  const lines: string[] = [];
  if (!pinned) lines.push('note: no ledger key was given, so the genesis vouches for itself (--public-key)');
  if (checkpoints.retained === 0) {
    lines.push('note: without a checkpoint kept elsewhere a shortened ledger cannot be told (--checkpoint)');
  }
  return [...lines, 'sound'];
}

function damageLines({ damages, damageCount }: VerifyReport): string[] {
  const lines = damages.slice(0, SHOWN_DAMAGES).map(damageText);
  if (damageCount > SHOWN_DAMAGES) lines.push(`and ${String(damageCount - SHOWN_DAMAGES)} more`);
  return damages.length === 0 ? [] : ['', ...lines];
}

/** `DAMAGE: chain: entry 7 (000000000000.ledger at byte 4711): previous is not the hash …`. */
function damageText({ kind, sequence, file, offset, message }: Damage): string {
  const where = file === '' ? '' : ` (${printable(file)} at byte ${String(offset)})`;
  return `DAMAGE: ${kind}: entry ${String(sequence)}${where}: ${printable(message)}`;
}
