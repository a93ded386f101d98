import { mkdtempSync, rmSync } from 'node:fs';
import { constants, cpus, release } from 'node:os';
import { join, resolve } from 'node:path';
import { agentSideText, measureAgentSide } from './agents/main.js';
import { measureAudit } from './audit-rates.js';
import { BenchChild, type ChildOptions } from './bench-child.js';
import { BenchSite } from './bench-site.js';
import { nodeEnvironment, nodeOptions, runAsDaemon } from './as-daemon.js';
import { whileAwake } from './awake.js';
import { decisionText, type DecisionFigures } from './decision.js';
import { loopMeasurement } from './loops.js';
import { measureLedger } from './ledger/measure-ledger.js';
import { ledgerText } from './ledger/report-ledger.js';
import { interleave, show, type Measurement } from './measure.js';
import { benchOptions, type Part } from './options.js';
import { buildRatios, buildsText, OTHER_BUILD, THIS_BUILD, type BuildsResult } from './report-builds.js';
import { benchText, CLIENTS, FLOOR, IN_TURN, ratiosOf, withClients, type BenchResult } from './report.js';
import { auditText } from './report-audit.js';
import { childrenOf, peakBytes } from './process-usage.js';
import { SshAgent } from './ssh-agent.js';
import { measureStages } from './stages.js';

const options = benchOptions();
const { seconds, rounds, warmup, against } = options;

/** Bytes of a transaction message, and of the larger of its two entries. */
const MESSAGE_BYTES = 300;
const ENTRY_BYTES = 1200;

const directory = mkdtempSync(join(resolve(options.directory), 'bench-'));
const closers: (() => Promise<void>)[] = [];

// Left alone, a daemon would go on by itself, and its ledger would stay where the bench was started.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    for (const pid of childrenOf(process.pid)) process.kill(pid, 'SIGKILL');
    rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
    process.exit(128 + constants.signals[signal]);
  });
}

function child(
  module: string,
  args: readonly (string | number)[],
  environment: NodeJS.ProcessEnv = {},
  options: ChildOptions = {},
): BenchChild {
  const started = new BenchChild(module, args.map(String), environment, options);
  closers.push(() => started.close());
  return started;
}

async function makeSite(name: string, binary?: string): Promise<BenchSite> {
  const site = await BenchSite.make(join(directory, name), binary);
  closers.push(() => site.close());
  return site;
}

async function measurements(site: BenchSite): Promise<Measurement[]> {
  const agent = await SshAgent.start(directory);
  closers.push(() => agent.close());
  const { module, pinFile, tokenLabel, key } = site;
  const tokenArgs = [module, pinFile, tokenLabel, key, MESSAGE_BYTES, directory, ENTRY_BYTES];
  const sign = child('sign-loop', tokenArgs, { SOFTHSM2_CONF: site.softhsmConf });
  const sync = child('sync-loop', [directory, ENTRY_BYTES]);
  const agentLoop = child('agent-loop', [agent.socket, MESSAGE_BYTES]);
  const daemon = daemonOf(site);
  const floor = await floorOf(site);
  const bare = { clients: 1, servers: {}, own: 'loop' };
  return [
    loopMeasurement({ ...bare, name: 'C_Sign', child: sign, mode: 'sign' }),
    loopMeasurement({ ...bare, name: 'C_Sign + verify', child: sign, mode: 'sign+verify' }),
    loopMeasurement({ ...bare, name: 'fdatasync', child: sync, mode: '' }),
    loopMeasurement({ ...bare, name: IN_TURN, child: sign, mode: 'in turn' }),
    ...CLIENTS.map((clients) =>
      loopMeasurement({
        name: withClients('ssh-agent', clients),
        child: agentLoop,
        mode: '',
        clients,
        servers: { agent: agent.pid },
        own: 'load',
      }),
    ),
    ...CLIENTS.map((clients) => requestLoop(FLOOR, clients, floor)),
    ...CLIENTS.map((clients) => requestLoop('daemon', clients, daemon)),
    whileAwake(requestLoop('daemon', 1, daemon)),
  ];
}

/** What answers `signTransaction`, and who asks it. */
interface Server {
  readonly load: BenchChild;
  readonly servers: Readonly<Record<string, number>>;
}

function daemonOf(site: BenchSite): Server {
  return { load: loadOf(site, site.socket), servers: { daemon: site.daemonPid, host: site.hostPid } };
}

function loadOf(site: BenchSite, socket: string): BenchChild {
  return child('daemon-loop', [socket, site.key, site.address, site.destination]);
}

/** A process with the daemon's options that does for a signature what nobody can leave out. */
async function floorOf(site: BenchSite): Promise<Server> {
  const args = [site.configFile, site.key, directory, ENTRY_BYTES];
  const server = child('floor-server', args, nodeEnvironment(), { execArgv: nodeOptions() });
  await server.ready();
  const [host] = childrenOf(server.pid);
  if (host === undefined) throw new Error('the floor has no HSM host');
  const load = loadOf(site, join(directory, 'floor.sock'));
  return { load, servers: { floor: server.pid, host } };
}

function requestLoop(name: string, clients: number, { load, servers }: Server): Measurement {
  return loopMeasurement({
    name: withClients(name, clients),
    child: load,
    mode: '',
    clients,
    servers,
    own: 'load',
  });
}

/** This build and that of another checkout, each with a daemon of its own, in turns. */
async function builds(binary: string): Promise<BuildsResult> {
  const mine = await makeSite('this');
  const theirs = await makeSite('other', binary);
  const [my, their] = [daemonOf(mine), daemonOf(theirs)];
  // Neighbours in time: a pair meets one speed of the machine.
  const turns = CLIENTS.flatMap((clients) => [
    requestLoop(THIS_BUILD, clients, my),
    requestLoop(OTHER_BUILD, clients, their),
  ]);
  const figures = await interleave(turns, warmup, seconds, rounds);
  return { figures, ratios: buildRatios(figures) };
}

async function signing(): Promise<BenchResult> {
  const site = await makeSite('site');
  const figures = await interleave(await measurements(site), warmup, seconds, rounds);
  return {
    machine: { cpus: cpus().length, cpu: cpus()[0]?.model ?? '', kernel: release(), node: process.version },
    seconds,
    rounds,
    figures,
    ratios: ratiosOf(figures),
    daemonPeakMegabytes: peakBytes(site.daemonPid) / 1_000_000,
    stages: measureStages(),
  };
}

/** The figures of `decision-alone`, which prints them. */
function decisions(): DecisionFigures {
  show('decisions, half a minute');
  const figures = runAsDaemon('decision-alone') as DecisionFigures;
  show('');
  return figures;
}

/** With another build to compare with, nothing else is measured. */
const only = new Set<Part>(against === undefined ? options.only : []);
try {
  const results = {
    ...(await measureAgentSide(only, directory, { warmup, seconds, rounds })),
    ...(only.has('signing') ? { signing: await signing() } : {}),
    ...(against === undefined ? {} : { builds: await builds(against) }),
    ...(only.has('decision') ? { decision: decisions() } : {}),
    ...(only.has('audit')
      ? { audit: await measureAudit(join(directory, 'audit'), options.entries / 2, cpus().length) }
      : {}),
    ...(only.has('ledger')
      ? {
          ledger: await measureLedger({
            directory: join(directory, 'ledger'),
            sizes: options.sizes,
            seconds,
            rounds,
          }),
        }
      : {}),
  };
  if (options.json) console.log(JSON.stringify(results, null, 2));
  else {
    for (const text of agentSideText(results)) console.log(text);
    if (results.signing !== undefined) console.log(benchText(results.signing));
    if (results.builds !== undefined) console.log(buildsText(results.builds));
    if (results.decision !== undefined) console.log(decisionText(results.decision));
    if (results.audit !== undefined) console.log(auditText(results.audit));
    if (results.ledger !== undefined) console.log(ledgerText(results.ledger));
  }
} finally {
  for (const close of closers.reverse()) await close();
  rmSync(directory, { recursive: true, force: true });
}
