import { DEFAULT_LIMITS } from '../../../src/transport/limits.js';
import { BenchChild } from '../bench-child.js';
import { loopMeasurement } from '../loops.js';
import { interleave, type Figures, type Measurement } from '../measure.js';
import type { AgentSite } from './agent-site.js';
import { WAYS, type Way } from './ways.js';

export interface Timing {
  readonly warmup: number;
  readonly seconds: number;
  readonly rounds: number;
}

const CLIENTS = [1, 16, 64];
/** Above, the daemon refuses: requests in flight for one uid. */
const IN_FLIGHT = DEFAULT_LIMITS.maxInFlightPerUid;

/** Every way with every number of connections that one uid may have. */
function plans(ways: readonly Way[]): { way: Way; clients: number; name: string }[] {
  return CLIENTS.flatMap((clients) =>
    ways
      .filter(({ size }) => size * clients <= IN_FLIGHT)
      .map((way) => ({ way, clients, name: `${way.name}, ${String(clients)}` })),
  );
}

/** Signatures through the whole daemon, in every way an agent can ask. */
export async function measureAgents(site: AgentSite, timing: Timing): Promise<Record<string, Figures>> {
  const child = new BenchChild('agents/request-loop', [
    site.socket,
    site.key,
    site.address,
    site.destination,
  ]);
  const servers = { daemon: site.daemonPid, host: site.hostPid };
  try {
    const all = plans(WAYS).map(({ way, clients, name }): Measurement =>
      loopMeasurement({ name, child, mode: way.name, clients, servers, own: 'agent' }),
    );
    return await interleave(all, timing.warmup, timing.seconds, timing.rounds);
  } finally {
    await child.close();
  }
}

/** The same messages to a server that answers without signing, and to a bare `ws`. */
export async function measureTransport(
  server: BenchChild,
  directory: string,
  { warmup, seconds, rounds }: Timing,
): Promise<Record<string, Figures>> {
  const key = ['trading-1', ADDRESS, ADDRESS];
  const ours = new BenchChild('agents/request-loop', [`${directory}/ours`, ...key]);
  const bare = new BenchChild('agents/request-loop', [`${directory}/bare`, ...key]);
  const servers = { server: server.pid };
  try {
    const all = [
      ...CLIENTS.map((clients) =>
        loopMeasurement({
          ...{ name: `bare ws, ${String(clients)}`, child: bare, mode: 'websocket', clients },
          ...{ servers, own: 'agent' },
        }),
      ),
      ...plans(WAYS.filter(({ over }) => over !== 'library')).map(({ way, clients, name }) =>
        loopMeasurement({ name, child: ours, mode: way.name, clients, servers, own: 'agent' }),
      ),
    ];
    return await interleave(all, warmup, seconds, rounds);
  } finally {
    await ours.close();
    await bare.close();
  }
}

/** Any 32 bytes: nothing is signed. */
const ADDRESS = '11111111111111111111111111111112';
