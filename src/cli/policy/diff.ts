import { Command } from 'commander';
import { loadConfig, type Config } from '../../config/chancery-yaml.js';
import { ChanceryError } from '../../core/errors.js';
import { diffPolicies } from '../../policy/diff-policies.js';
import type { Policy } from '../../policy/policy.js';
import { inForce } from '../in-force.js';
import { example, print } from '../output.js';
import { readPolicyFile } from '../policy-file.js';

interface DiffOptions {
  readonly config?: string;
  readonly against?: string;
  readonly json?: boolean;
}

export function diffCommand(): Command {
  return new Command('diff')
    .description('what a new policy changes, in plain words: widens, narrows, changes')
    .argument('<file>', 'the new policy.yaml')
    .option('--config <file>', 'chancery.yaml: compare with the policy in force')
    .option('--against <file>', 'compare with this file')
    .option('--json', 'print JSON')
    .addHelpText('after', example('chancery policy diff new.yaml --config demo/chancery.yaml'))
    .action(async (file: string, options: DiffOptions) => {
      const config = options.config === undefined ? undefined : loadConfig(options.config);
      const { policy: after } = await readPolicyFile(file, config);
      const changes = diffPolicies(await before(options.against, config), after);
      const text = changes.length === 0 ? 'nothing changes' : changes.join('\n');
      print({ text, json: { changes } }, options.json);
    });
}

async function before(against: string | undefined, config: Config | undefined): Promise<Policy> {
  if (against !== undefined) return (await readPolicyFile(against)).policy;
  if (config !== undefined) return (await inForce(config)).policy;
  throw new ChanceryError('USAGE', 'say what to compare with: --config FILE or --against FILE');
}
