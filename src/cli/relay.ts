import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { loadConfig } from '../config/chancery-yaml.js';
import type { Duration } from '../core/duration.js';
import { ChanceryError } from '../core/errors.js';
import { nodeFiles } from '../os/files.js';
import type { Policy } from '../policy/policy.js';
import { openRelay } from '../relay/open-relay.js';
import type { Round } from '../relay/relay.js';
import { durationOption, readInput } from './arguments.js';
import { inForce } from './in-force.js';
import { example } from './output.js';

interface RelayOptions {
  readonly config: string;
  readonly witnesses?: string;
  readonly interval: number;
  readonly once?: boolean;
}

const DEFAULT_INTERVAL = 10_000 as Duration;

export function relayCommand(): Command {
  return new Command('relay')
    .description(
      'have witnesses cosign the checkpoints of the ledger, in a process of its own: the daemon has no network',
    )
    .requiredOption('--config <file>', 'chancery.yaml')
    .option('--witnesses <file>', 'a C2SP tlog-policy instead of the one the policy in force requires')
    .addOption(
      durationOption('--interval <duration>', 'how often to look for a new checkpoint', DEFAULT_INTERVAL),
    )
    .option('--once', 'one attempt; exit 1 when the quorum was not reached')
    .addHelpText('after', example('chancery relay --config demo/chancery.yaml'))
    .action(async ({ config: path, witnesses, interval, once }: RelayOptions) => {
      const config = loadConfig(path);
      const files = nodeFiles();
      const { state, policy } = await inForce(config);
      const { directory } = config.ledger;
      const { origin, ledgerKey } = state;
      const text = witnessPolicy(policy, witnesses);
      const relay = openRelay({ files, directory, origin, ledgerKey, witnesses: text });
      let told = '';
      for (;;) {
        const round = await relay.round();
        const now = roundText(round);
        // Only what changed: a line every ten seconds is read by nobody.
        if (now !== told) process.stdout.write(`${now}\n`);
        told = now;
        if (once === true) {
          process.exitCode = round.quorum ? 0 : 1;
          return;
        }
        await sleep(interval);
      }
    });
}

function witnessPolicy(policy: Policy, file: string | undefined): string {
  const required = policy.anchors.find((anchor) => anchor.kind === 'witness');
  const text = file === undefined ? required?.witnesses : readInput(file).toString('utf8');
  if (text !== undefined) return text;
  throw new ChanceryError('USAGE', 'the policy in force requires no witnesses', {
    hint: 'add an anchor of kind witness to policy.yaml, or name a tlog-policy with --witnesses',
  });
}

/** What to tell people of a round. */
function roundText({ size, quorum, failures }: Round): string {
  const entries = size === null ? 'no checkpoint yet' : `${String(size)} entries`;
  const state = size === null ? entries : `${entries} ${quorum ? 'cosigned by the quorum' : 'not cosigned'}`;
  const lines = [
    state,
    ...failures.map(({ witness, error }) => `  ${witness}: ${error.code}: ${error.message}`),
  ];
  return lines.join('\n');
}
