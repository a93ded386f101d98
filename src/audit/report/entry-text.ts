import { formatSol } from '../../core/amount.js';
import type { Counted, Entry } from '../../ledger/entries.js';
import type { Step } from '../read/walk.js';
import { printable } from '../../core/printable.js';

/** One line for `ledger tail`: sequence, time, kind, what matters of it. */
export function entryLine({ entry }: Step): string {
  return `${entry.sequence.padStart(8)}  ${entry.time}  ${entry.type.padEnd(13)} ${summary(entry)}`.trimEnd();
}

/** What one entry says, in a few words; text of other parties escaped. */
function summary(entry: Entry): string {
  switch (entry.type) {
    case 'genesis':
      return `${printable(entry.origin)} key ${entry.publicKey}`;
    case 'start':
      return `version ${printable(entry.version)} boot ${printable(entry.boot)}`;
    case 'stop':
      return printable(entry.reason);
    case 'policy':
      return `serial ${String(entry.serial)} ${entry.sha256}`;
    case 'statement':
      return `${printable(entry.kind)} ${printable(entry.id)} by ${entry.authorities.map(printable).join(', ')}`;
    case 'authorization':
      return `${printable(entry.key)} for ${printable(entry.workload)}: ${
        entry.repeats === undefined ? countedText(entry.counted) : `repeats ${entry.repeats}`
      }`;
    case 'signature':
      return `of ${entry.authorization}: ${entry.signature}`;
    case 'failure':
      return `of ${entry.authorization}: ${printable(entry.code)}`;
    case 'recovered':
      return `of ${entry.authorization}: outcome unknown, nothing given back`;
    case 'denial':
      return `${printable(entry.key ?? '-')} for ${printable(entry.workload)}: ${entry.codes.map(printable).join(' ')}${
        entry.count === 1 ? '' : ` ×${String(entry.count)}`
      }`;
    case 'freeze':
      return `${printable(entry.key ?? 'every key')}: ${printable(entry.reason)}${entry.by === null ? ' (by itself)' : ` (uid ${String(entry.by.uid)})`}`;
    case 'unfreeze':
      return `of ${entry.freeze}`;
    case 'revocation':
      return `${printable(entry.attestation ?? entry.workload ?? '')}: ${printable(entry.reason)} (uid ${String(entry.by.uid)})`;
    case 'key':
      return `${entry.action} ${printable(entry.label)} ${entry.publicKey}`;
    case 'snapshot':
      return `of ${entry.size} entries ${entry.sha256}`;
    case 'tick':
      return '';
    case 'repair':
      return `${String(entry.bytes)} torn bytes cut`;
    case 'alert':
      return `${printable(entry.subject)}: ${printable(entry.detail)}`;
  }
}

/** `0.5 SOL, fee 0.000005 SOL`; units other than SOL and fee in base units, as the ledger has no decimals. */
function countedText(counted: readonly Counted[]): string {
  const parts = counted
    .filter(({ unit }) => unit !== 'transactions')
    .map(({ unit, amount }) => {
      if (unit === 'SOL') return formatSol(BigInt(amount));
      if (unit === 'fee') return `fee ${formatSol(BigInt(amount))}`;
      return `${amount} ${printable(unit)}`;
    });
  return parts.length === 0 ? 'nothing counted' : parts.join(', ');
}

const HEAD: ReadonlySet<string> = new Set(['sequence', 'previous', 'time', 'type']);

/** `ledger show`: where the entry stands, then every field, text of other parties escaped. */
export function entryText(step: Step): string {
  const lines = [
    `entry ${String(step.sequence)}  ${step.entry.time}  ${step.entry.type}`,
    `  in       ${step.file} at byte ${String(step.offset)}, ${String(step.length)} bytes`,
    `  hash     ${step.hash.toString('hex')}`,
    `  previous ${step.entry.previous}`,
  ];
  for (const [name, value] of Object.entries(step.entry)) {
    if (!HEAD.has(name)) lines.push(...fieldLines(name, value));
  }
  return lines.join('\n');
}

function fieldLines(name: string, value: unknown): string[] {
  if (typeof value === 'string') return [`  ${name}: ${printable(value)}`];
  const json = JSON.stringify(value, null, 2);
  return [`  ${name}: ${json.split('\n').map(printable).join('\n  ')}`];
}
