import { awake } from './awake.js';
import { BUDGET, budgetOf } from './budget.js';
import type { Figures } from './measure.js';
import { median } from './statistics.js';

/** Requests in flight, of the measurements that have clients. */
export const CLIENTS = [1, 16, 64];

/** What a signature cannot do without, as one loop: the processor idles in each sync, and goes on with cold caches. */
export const IN_TURN = 'sync, sign, verify, sync';

/** The same, each in a loop of its own. */
const LOOPS = ['C_Sign + verify', 'fdatasync', 'fdatasync'];

/** A server that judges nothing and does what is left: what a daemon of such processes can reach on this machine. */
export const FLOOR = 'floor';

/** How a measurement with so many of them is called. */
export function withClients(name: string, clients: number): string {
  return `${name}, ${String(clients)} clients`;
}

/** What one run of the bench found: medians over its rounds. */
export interface BenchResult {
  readonly machine: Readonly<Record<string, string | number>>;
  readonly seconds: number;
  readonly rounds: number;
  readonly figures: Readonly<Record<string, Figures>>;
  readonly ratios: Readonly<Record<string, Ratio>>;
  /** The most the daemon ever had resident, while a thread of it made a snapshot of the ledger. */
  readonly daemonPeakMegabytes: number;
  /** Median microseconds of single stages, each alone in this process. */
  readonly stages: Readonly<Record<string, number>>;
}

/** Of the ratios of all rounds, each of two measurements of one round. */
export interface Ratio {
  readonly median: number;
  readonly least: number;
  readonly most: number;
  /**
   * Of the best rounds of either side. Whoever shares the machine slows what needs two cores more often than what needs
   * one: this is the ratio with the least of that in it.
   */
  readonly best: number;
}

/** Of what was done a second; null when one of the two was not measured. */
export function ratioOfRates(over: Figures | undefined, under: Figures | undefined): Ratio | null {
  if (over === undefined || under === undefined) return null;
  const above = over.rounds.map(({ perSecond }) => perSecond);
  const below = under.rounds.map(({ perSecond }) => perSecond);
  const values = above.map((rate, round) => rate / (below[round] ?? Number.NaN));
  return spread(values, Math.max(...above) / Math.max(...below));
}

function spread(values: readonly number[], best: number): Ratio {
  return { median: median(values), least: Math.min(...values), most: Math.max(...values), best };
}

/** Ratios that the targets are about, of the figures that are there. */
export function ratiosOf(figures: BenchResult['figures']): Record<string, Ratio> {
  const ratios: Record<string, Ratio> = {};
  const pairs = (name: string, over: string, under: string): void => {
    const ratio = ratioOfRates(figures[over], figures[under]);
    if (ratio !== null) ratios[name] = ratio;
  };
  for (const clients of CLIENTS) {
    const daemon = withClients('daemon', clients);
    pairs(`${daemon} / bare C_Sign`, daemon, 'C_Sign');
    pairs(`${daemon} / ssh-agent`, daemon, withClients('ssh-agent', clients));
    const floor = withClients(FLOOR, clients);
    pairs(`${floor} / bare C_Sign`, floor, 'C_Sign');
    pairs(`${floor} / ssh-agent`, floor, withClients('ssh-agent', clients));
    pairs(`${daemon} / floor`, daemon, floor);
  }
  const one = withClients('daemon', 1);
  ratios['one client: µs above sign + verify + two syncs'] = above(figures, one, LOOPS);
  ratios['the same, processors kept awake'] = above(figures, awake(one), LOOPS);
  ratios['the same, of the floor'] = above(figures, withClients(FLOOR, 1), LOOPS);
  ratios['one client: µs above these four in turn'] = above(figures, one, [IN_TURN]);
  return ratios;
}

function medianLatencies(figures: BenchResult['figures'], name: string): number[] {
  return (figures[name]?.rounds ?? []).map(({ p50 }) => p50);
}

/** Microseconds of the median request that are none of these measurements', each named as often as it counts. */
function above(figures: BenchResult['figures'], name: string, parts: readonly string[]): Ratio {
  const whole = medianLatencies(figures, name);
  const taken = parts.map((part) => medianLatencies(figures, part));
  const rest = whole.map((p50, round) =>
    taken.reduce((left, rounds) => left - (rounds[round] ?? Number.NaN), p50),
  );
  return spread(
    rest,
    taken.reduce((left, rounds) => left - Math.min(...rounds), Math.min(...whole)),
  );
}

export function benchText(result: BenchResult): string {
  const lines = [
    Object.entries(result.machine)
      .map(([name, value]) => `${name} ${String(value)}`)
      .join(', '),
    `${String(result.rounds)} rounds of ${String(result.seconds)} s each, interleaved; medians`,
    '',
    FIGURES_HEAD,
    ...Object.entries(result.figures).map(([name, figures]) => figuresRow(name, figures)),
    '',
    RATIOS_HEAD,
    ...Object.entries(result.ratios).map(([name, ratio]) => ratioRow(name, ratio)),
    `${'daemon while a snapshot is made, MB at most'.padEnd(48)} ${result.daemonPeakMegabytes.toFixed(0).padStart(8)}`,
    '',
    ...budgetLines(result),
  ];
  return lines.join('\n');
}

function row(name: string, ...cells: readonly string[]): string {
  return `${name.padEnd(24)} ${cells.map((cell, index) => (index === 4 ? cell.padEnd(34) : cell.padStart(10))).join(' ')}`;
}

export function figuresRow(name: string, figures: Figures): string {
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

export const FIGURES_HEAD = row('', 'per second', 'p50 µs', 'p99 µs', 'µs CPU/op', 'of which', 'MB');
export const RATIOS_HEAD = `${'ratios'.padEnd(48)} ${['median', 'least', 'most', 'of best'].map((head) => head.padStart(8)).join(' ')}`;

export function ratioRow(name: string, { median, least, most, best }: Ratio): string {
  const cells = [median, least, most, best].map((value) => value.toFixed(value < 100 ? 2 : 0).padStart(8));
  return `${name.padEnd(48)} ${cells.join(' ')}`;
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
