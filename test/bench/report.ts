import { BUDGET, budgetOf } from './budget.js';
import type { Figures } from './measure.js';

/** What one run of the bench found: medians over its rounds. */
export interface BenchResult {
  readonly machine: Readonly<Record<string, string | number>>;
  readonly seconds: number;
  readonly rounds: number;
  readonly figures: Readonly<Record<string, Figures>>;
  readonly ratios: Readonly<Record<string, number>>;
  /** Median microseconds of single stages, each alone in this process. */
  readonly stages: Readonly<Record<string, number>>;
}

/** Ratios that the targets are about, of the figures that are there. */
export function ratiosOf(figures: BenchResult['figures']): Record<string, number> {
  const ratios: Record<string, number> = {};
  const ratio = (name: string, over: string, under: string): void => {
    const above = figures[over]?.perSecond;
    const below = figures[under]?.perSecond;
    if (above !== undefined && below !== undefined) ratios[name] = above / below;
  };
  for (const clients of [1, 16, 64]) {
    const daemon = `daemon, ${String(clients)} clients`;
    ratio(`${daemon} / bare C_Sign`, daemon, 'C_Sign');
    ratio(`${daemon} / ssh-agent`, daemon, `ssh-agent, ${String(clients)} clients`);
  }
  const one = figures['daemon, 1 clients']?.p50;
  const parts = [figures['C_Sign + verify']?.p50, figures['fdatasync']?.p50];
  if (one !== undefined && parts[0] !== undefined && parts[1] !== undefined) {
    ratios['one client: µs above sign + verify + two syncs'] = one - parts[0] - 2 * parts[1];
  }
  return ratios;
}

export function benchText(result: BenchResult): string {
  const lines = [
    Object.entries(result.machine)
      .map(([name, value]) => `${name} ${String(value)}`)
      .join(', '),
    `${String(result.rounds)} rounds of ${String(result.seconds)} s each, interleaved; medians`,
    '',
    row('', 'per second', 'p50 µs', 'p99 µs', 'µs CPU/op', 'of which', 'MB'),
    ...Object.entries(result.figures).map(([name, figures]) => figuresRow(name, figures)),
    '',
    ...Object.entries(result.ratios).map(([name, value]) => `${name.padEnd(48)} ${value.toFixed(2)}`),
    '',
    ...budgetLines(result),
  ];
  return lines.join('\n');
}

function row(name: string, ...cells: readonly string[]): string {
  return `${name.padEnd(24)} ${cells.map((cell, index) => (index === 4 ? cell.padEnd(34) : cell.padStart(10))).join(' ')}`;
}

function figuresRow(name: string, figures: Figures): string {
  const shares = Object.entries(figures.cpu).map(([process, micros]) => `${process} ${micros.toFixed(0)}`);
  const memory = Object.entries(figures.megabytes).map(([process, size]) => `${process} ${size.toFixed(0)}`);
  const sum = Object.values(figures.cpu).reduce((total, micros) => total + micros, 0);
  const failures = Object.entries(figures.failures).map(([code, count]) => `  ${code} ×${String(count)}`);
  return (
    row(
      name,
      figures.perSecond.toFixed(0),
      figures.p50.toFixed(0),
      figures.p99.toFixed(0),
      sum.toFixed(0),
      shares.join(' '),
      memory.join(' '),
    ) + failures.join('')
  );
}

function budgetLines({ figures, stages }: BenchResult): string[] {
  const lines = ['µs of CPU per signature at 64 clients      budget   actual'];
  const actual = figures['daemon, 64 clients']?.cpu ?? {};
  for (const process of ['host', 'daemon', 'load'] as const) {
    const measured = actual[process];
    lines.push(budgetRow(`${process}, all of it`, budgetOf(process), measured));
    for (const { stage, micros } of BUDGET.filter((item) => item.process === process)) {
      const alone = stages[stage];
      if (alone !== undefined) lines.push(budgetRow(`  ${stage} (alone)`, micros, alone));
    }
  }
  const budgeted = new Set<string>(BUDGET.map(({ stage }) => stage));
  for (const [stage, alone] of Object.entries(stages)) {
    if (!budgeted.has(stage)) lines.push(`${`${stage} (alone)`.padEnd(58)} ${alone.toFixed(1).padStart(6)}`);
  }
  return lines;
}

function budgetRow(name: string, budget: number, actual: number | undefined): string {
  return `${name.padEnd(40)} ${budget.toFixed(0).padStart(8)} ${(actual?.toFixed(1) ?? '-').padStart(8)}`;
}
