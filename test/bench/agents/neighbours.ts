import { BenchChild, type ChildOptions } from '../bench-child.js';
import type { LoopResult } from '../loop.js';
import { show } from '../measure.js';
import { cpuMicros, residentBytes } from '../process-usage.js';
import { median } from '../statistics.js';
import { NEIGHBOUR, type AgentSite } from './agent-site.js';
import type { Timing } from './agents.js';

const NOISES = [
  'processor only',
  'garbage',
  '10 MB',
  'deep JSON',
  'half frames',
  'slow bytes',
  'over the limit',
];
/** Misbehaving loops at once, in one process. */
const LOOPS = 4;

export interface NeighbourRow {
  readonly noise: string;
  /** Of the well-behaved client: microseconds, and signatures a second. */
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
  /** Against the same client alone, measured in the same round. */
  readonly p50Ratio: number;
  readonly p99Ratio: number;
  /** Shares of one processor. */
  readonly daemonLoad: number;
  readonly noiseLoad: number;
  /** What the neighbour did, a second. */
  readonly noisePerSecond: number;
  /** Of the well-behaved client: it must have none. */
  readonly failures: Readonly<Record<string, number>>;
}

export interface Neighbours {
  readonly rows: readonly NeighbourRow[];
  /** Resident memory of the daemon, megabytes: before the first noise, the most seen, and at the end. */
  readonly memory: { readonly before: number; readonly most: number; readonly after: number };
}

interface Round {
  readonly alone: LoopResult;
  readonly client: LoopResult;
  readonly noise: LoopResult;
  readonly daemonMicros: number;
}

/** One client with one request in flight, alone and beside a neighbour that misbehaves; of another uid when root. */
export async function measureNeighbours(
  site: AgentSite,
  { warmup, seconds, rounds }: Timing,
): Promise<Neighbours> {
  const args = [site.socket, site.key, site.address, site.destination];
  const client = new BenchChild('agents/request-loop', args);
  const user: ChildOptions | undefined = process.getuid?.() === 0 ? NEIGHBOUR : undefined;
  if (user !== undefined) await site.open();
  const noisy = new BenchChild('agents/noise-loop', args, {}, user);
  const request = { mode: 'websocket', clients: 1 };
  const memory = (): number => residentBytes(site.daemonPid) / 1_000_000;
  try {
    await client.run({ ...request, seconds: Math.max(warmup, 0.5) });
    const before = memory();
    let most = before;
    const samples = new Map<string, Round[]>(NOISES.map((noise) => [noise, []]));
    for (let round = 0; round < rounds; round++) {
      for (const [mode, list] of samples) {
        show(`round ${String(round + 1)} of ${String(rounds)}: beside ${mode}`);
        const alone = await client.run({ ...request, seconds });
        const began = cpuMicros(site.daemonPid);
        const [beside, noise] = await Promise.all([
          client.run({ ...request, seconds }),
          noisy.run({ mode, clients: LOOPS, seconds }),
        ]);
        most = Math.max(most, memory());
        list.push({ alone, client: beside, noise, daemonMicros: cpuMicros(site.daemonPid) - began });
      }
    }
    show('');
    return {
      rows: [...samples].map(([noise, list]) => rowOf(noise, list)),
      memory: { before, most, after: memory() },
    };
  } finally {
    await client.close();
    await noisy.close();
  }
}

function rowOf(noise: string, rounds: readonly Round[]): NeighbourRow {
  const of = (pick: (round: Round) => number): number => median(rounds.map(pick));
  const failures: Record<string, number> = {};
  for (const { client } of rounds) {
    for (const [code, count] of Object.entries(client.failures))
      failures[code] = (failures[code] ?? 0) + count;
  }
  return {
    noise,
    p50: of(({ client }) => client.p50),
    p99: of(({ client }) => client.p99),
    perSecond: of(({ client }) => client.operations / client.seconds),
    p50Ratio: of(({ alone, client }) => client.p50 / alone.p50),
    p99Ratio: of(({ alone, client }) => client.p99 / alone.p99),
    daemonLoad: of(({ daemonMicros, client }) => daemonMicros / (client.seconds * 1_000_000)),
    noiseLoad: of((round) => round.noise.cpuMicros / (round.noise.seconds * 1_000_000)),
    noisePerSecond: of((round) => round.noise.operations / round.noise.seconds),
    failures,
  };
}
