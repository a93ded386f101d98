import { Command } from 'commander';
import { addCommands, type CommandTable } from '../command-table.js';
import { example } from '../output.js';

const COMMANDS: CommandTable = {
  list: async () => (await import('./list.js')).listCommand(),
  generate: async () => (await import('./generate.js')).generateCommand(),
  import: async () => (await import('./import.js')).importCommand(),
};

export async function keysCommand(words: readonly string[]): Promise<Command> {
  const group = new Command('keys')
    .description('keys on a token; a key signs for nobody until a signed policy names it')
    .addHelpText('after', example('chancery keys list --config demo/chancery.yaml'));
  return await addCommands(group, COMMANDS, words);
}
