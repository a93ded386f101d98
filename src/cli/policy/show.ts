import { Command } from 'commander';
import { loadConfig } from '../../config/chancery-yaml.js';
import { inForce } from '../in-force.js';
import { example } from '../output.js';

export function showCommand(): Command {
  return new Command('show')
    .description('the policy in force, byte for byte as the ledger keeps it')
    .requiredOption('--config <file>', 'chancery.yaml')
    .addHelpText('after', example('chancery policy show --config demo/chancery.yaml > policy.yaml'))
    .action(async ({ config }: { readonly config: string }) => {
      const { bytes } = await inForce(loadConfig(config));
      process.stdout.write(bytes);
    });
}
