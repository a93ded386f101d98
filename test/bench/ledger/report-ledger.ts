import type { AppendFigures } from './appending.js';
import type { LedgerFigures } from './measure-ledger.js';

const MIB = 2 ** 20;

export function ledgerText({ starts, appending, growth }: LedgerFigures): string {
  const emptyBytes = starts[0]?.snapshot.residentBytes ?? Number.NaN;
  return [
    row('ledger: opening', 'ms', 'MiB', '+ MiB'),
    ...starts.flatMap(({ snapshot, whole }) =>
      [
        { figures: snapshot, from: 'from a snapshot' },
        { figures: whole, from: 'from the first entry' },
      ].map(({ figures, from }) =>
        row(
          `${String(figures.entries)} entries, ${from}`,
          figures.milliseconds.toFixed(0),
          (figures.residentBytes / MIB).toFixed(0),
          ((figures.residentBytes - emptyBytes) / MIB).toFixed(0),
        ),
      ),
    ),
    '',
    row('ledger: two entries a signature', 'per second', 'µs CPU', 'syncs'),
    ...Object.entries(appending).map(([clients, figures]) => appendRow(`${clients} clients`, figures)),
    '',
    row('ledger: as it grows, 64 clients', 'per second', 'µs CPU', 'syncs'),
    appendRow('empty', growth.empty),
    appendRow(`${String(growth.entries)} entries`, growth.large),
    row('ratio', growth.throughputRatio.toFixed(3), growth.cpuRatio.toFixed(3), ''),
  ].join('\n');
}

function appendRow(name: string, { pairsPerSecond, microsPerPair, syncsPerPair }: AppendFigures): string {
  return row(name, pairsPerSecond.toFixed(0), microsPerPair.toFixed(1), syncsPerPair.toFixed(3));
}

function row(name: string, ...cells: readonly string[]): string {
  return `${name.padEnd(42)} ${cells.map((cell) => cell.padStart(10)).join(' ')}`;
}
