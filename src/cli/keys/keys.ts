import { Command } from 'commander';
import { example } from '../output.js';
import { generateCommand } from './generate.js';
import { importCommand } from './import.js';
import { listCommand } from './list.js';

export function keysCommand(): Command {
  const group = new Command('keys')
    .description('keys on a token; a key signs for nobody until a signed policy names it')
    .addHelpText('after', example('chancery keys list --config demo/chancery.yaml'));
  for (const command of [listCommand(), generateCommand(), importCommand()]) group.addCommand(command);
  return group;
}
