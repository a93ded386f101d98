import type { Figures } from '../measure.js';
import type { Neighbours } from './neighbours.js';

/** Figures of agents or of the transport alone, a line for each way and number of connections. */
export function agentsText(title: string, figures: Readonly<Record<string, Figures>>): string {
  const processes = [...new Set(Object.values(figures).flatMap(({ cpu }) => Object.keys(cpu)))];
  const head = ['', '/s', 'p50 µs', 'p99 µs', ...processes.map((name) => `${name} CPU µs`), 'refused'];
  const rows = Object.entries(figures).map(([name, { perSecond, p50, p99, cpu, failures }]) => [
    name,
    ...[perSecond, p50, p99, ...processes.map((process) => cpu[process] ?? Number.NaN)].map(whole),
    refused(failures),
  ]);
  return [title, ...aligned([head, ...rows]), ...overhead(figures)].join('\n');
}

/** What the client library adds to an agent, against the same requests sent by hand. */
function overhead(figures: Readonly<Record<string, Figures>>): string[] {
  return Object.entries(figures).flatMap(([name, { cpu }]) => {
    const clients = /^library, (\d+)$/.exec(name)?.[1];
    const bare = figures[`websocket, ${clients ?? ''}`]?.cpu['agent'];
    if (clients === undefined || bare === undefined) return [];
    const added = (cpu['agent'] ?? Number.NaN) - bare;
    return [`the library adds ${whole(added)} µs of the agent's CPU a signature at ${clients} connections`];
  });
}

export function neighboursText({ rows, memory }: Neighbours): string {
  const head = [
    'beside',
    'p50 µs',
    'p99 µs',
    '/s',
    '× p50',
    '× p99',
    'daemon CPU',
    'noise CPU',
    'noise /s',
    'refused',
  ];
  const lines = rows.map((row) => [
    row.noise,
    ...[row.p50, row.p99, row.perSecond].map(whole),
    ...[row.p50Ratio, row.p99Ratio, row.daemonLoad, row.noiseLoad].map((value) => value.toFixed(2)),
    whole(row.noisePerSecond),
    refused(row.failures),
  ]);
  const { before, most, after } = memory;
  return [
    'one well-behaved client beside one that misbehaves',
    ...aligned([head, ...lines]),
    `memory of the daemon: ${whole(before)} MB before, ${whole(most)} MB at most, ${whole(after)} MB after`,
  ].join('\n');
}

function refused(failures: Readonly<Record<string, number>>): string {
  return Object.entries(failures)
    .map(([code, count]) => `${code} ${String(count)}`)
    .join(' ');
}

function whole(value: number): string {
  return value.toFixed(0);
}

/** Columns; the first to the left, figures to the right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}
