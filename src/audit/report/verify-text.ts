import { printable } from '../../core/printable.js';
import type { CosignedCheckpoint } from '../check/witness-check.js';
import { DAMAGE_EXIT_CODES, type Damage } from '../read/damage.js';
import type { VerifyReport } from '../verify-report.js';

const SHOWN_DAMAGES = 20;

/** Nothing wrong was found, but entries are not there: 1 to 3 have a meaning for every command, 10 on is damage. */
const EXIT_ABSENT = 4;

/** 0 when all of it was verified; the code of the first damage (`DAMAGE_EXIT_CODES`); else `EXIT_ABSENT`. */
export function verifyExitCode({ damages: [first], absent }: VerifyReport): number {
  if (first !== undefined) return DAMAGE_EXIT_CODES[first.kind];
  return absent === null ? 0 : EXIT_ABSENT;
}

/** The report for people, one fact a line, without a final line feed. */
export function verifyText(report: VerifyReport): string {
  return [...facts(report), ...verdict(report)].join('\n');
}

function facts(report: VerifyReport): string[] {
  const { counts, open, checkpoints, absent, witnesses } = report;
  const of = (type: keyof typeof counts): string => String(counts[type] ?? 0);
  return [
    `ledger       ${printable(report.origin ?? 'unknown')}`,
    `ledger key   ${printable(report.ledgerKey ?? 'unknown')}${report.pinned ? ' (as given)' : ''}`,
    ...(absent === null
      ? []
      : [`absent       entries 0 to ${String(absent.entries - 1)}: no segment before ${absent.until}`]),
    `entries      ${String(report.entries)} in ${String(report.segments)} segments, ${String(report.bytes)} bytes`,
    `time         ${report.from ?? '-'} to ${report.to ?? '-'}`,
    `head         ${report.head ?? '-'}`,
    `root         ${report.root}`,
    `authorized   ${of('authorization')}: ${of('signature')} signed, ${of('failure')} failed, ${of('recovered')} recovered, ${String(open.length)} in flight`,
    `denied       ${of('denial')} entries`,
    `signatures   ${String(report.signatures)} verified over the messages authorized`,
    `statements   ${String(report.statements)} verified`,
    `checkpoints  ${String(checkpoints.met)} of ${String(checkpoints.given)} met${voidedText(checkpoints.voided)}`,
    ...witnesses.cosigned.map(cosignedText),
    `tiles        ${String(report.tiles)} compared`,
  ];
}

function voidedText(voided: number): string {
  return voided === 0 ? '' : `, ${String(voided)} of a history that an accepted rollback gave up`;
}

function cosignedText({ source, size, witnesses, unknown, quorum, notBefore }: CosignedCheckpoint): string {
  const by = witnesses.map(({ name }) => printable(name)).join(', ');
  const quorumText =
    quorum === null
      ? 'nothing says which witnesses it takes'
      : notBefore === null
        ? 'no quorum'
        : `a quorum, not before ${notBefore}`;
  const strangers = unknown === 0 ? '' : `, and ${String(unknown)} unknown`;
  return `cosigned     ${printable(source)}: ${String(size)} entries by ${by === '' ? 'no known witness' : by}${strangers} (${quorumText})`;
}

function verdict(report: VerifyReport): string[] {
  const { damages, damageCount, absent } = report;
  if (damages.length > 0) {
    const lines = damages.slice(0, SHOWN_DAMAGES).map(damageText);
    if (damageCount > SHOWN_DAMAGES) lines.push(`and ${String(damageCount - SHOWN_DAMAGES)} more`);
    return ['', ...lines];
  }
  if (absent === null) return [...cautions(report), 'sound'];
  return [
    ...cautions(report),
    `NOT VERIFIED: entries 0 to ${String(absent.entries - 1)} are absent (--archive); a signed checkpoint ties what is here to their hashes`,
    `NOT VERIFIED: ${absent.unchecked.join(', ')} of the entries that are here, which takes those that are not`,
    'nothing wrong with what is here',
  ];
}

function cautions({ pinned, checkpoints, witnesses }: VerifyReport): string[] {
  const lines: string[] = [];
  if (!pinned) lines.push('note: no ledger key was given, so the genesis vouches for itself (--public-key)');
  if (checkpoints.retained === 0) {
    lines.push(
      'note: without a checkpoint kept elsewhere a ledger that was shortened or written anew cannot be told (--checkpoint)',
    );
  }
  if (witnesses.required && !witnesses.cosigned.some(({ quorum }) => quorum === true)) {
    lines.push('note: witnesses are asked for, and no checkpoint here has their quorum');
  }
  return lines;
}

/** `DAMAGE: chain: entry 7 (000000000000.ledger at byte 4711): previous is not the hash …`. */
function damageText({ kind, sequence, file, offset, message }: Damage): string {
  const where = file === '' ? '' : ` (${printable(file)} at byte ${String(offset)})`;
  return `DAMAGE: ${kind}: entry ${String(sequence)}${where}: ${printable(message)}`;
}
