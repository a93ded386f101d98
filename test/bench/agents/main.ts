import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { BenchChild } from '../bench-child.js';
import type { Figures } from '../measure.js';
import type { Part } from '../options.js';
import { AgentSite } from './agent-site.js';
import { measureAgents, measureTransport, type Timing } from './agents.js';
import { measureNeighbours, type Neighbours } from './neighbours.js';
import { agentsText, neighboursText } from './report.js';

export interface AgentResults {
  readonly transport?: Readonly<Record<string, Figures>>;
  readonly agents?: Readonly<Record<string, Figures>>;
  readonly neighbours?: Neighbours;
}

/** The parts of the bench that agents meet: `transport`, `agents`, `neighbours`, as `only` names them. */
export async function measureAgentSide(
  only: ReadonlySet<Part>,
  directory: string,
  timing: Timing,
): Promise<AgentResults> {
  const transport = only.has('transport')
    ? await transportAlone(join(directory, 'transport'), timing)
    : undefined;
  if (!only.has('agents') && !only.has('neighbours')) return transport === undefined ? {} : { transport };
  const site = await AgentSite.make(directory);
  try {
    return {
      ...(transport === undefined ? {} : { transport }),
      ...(only.has('agents') ? { agents: await measureAgents(site, timing) } : {}),
      ...(only.has('neighbours') ? { neighbours: await measureNeighbours(site, timing) } : {}),
    };
  } finally {
    await site.close();
  }
}

async function transportAlone(directory: string, timing: Timing): Promise<Record<string, Figures>> {
  mkdirSync(directory);
  const server = new BenchChild('agents/constant-server', [directory]);
  try {
    await server.ready();
    return await measureTransport(server, directory, timing);
  } finally {
    await server.close();
  }
}

export function agentSideText({ transport, agents, neighbours }: AgentResults): string[] {
  return [
    ...(transport === undefined ? [] : [agentsText('the transport alone, by connections', transport)]),
    ...(agents === undefined ? [] : [agentsText('signatures through the daemon, by connections', agents)]),
    ...(neighbours === undefined ? [] : [neighboursText(neighbours)]),
  ];
}
