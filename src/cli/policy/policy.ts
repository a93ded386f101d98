import { Command } from 'commander';
import { addCommands, type CommandTable } from '../command-table.js';
import { example } from '../output.js';

const COMMANDS: CommandTable = {
  check: async () => (await import('./check.js')).checkCommand(),
  diff: async () => (await import('./diff.js')).diffCommand(),
  'pin-table': async () => (await import('./pin-table.js')).pinTableCommand(),
  sign: async () => (await import('./sign.js')).signCommand(),
  show: async () => (await import('./show.js')).showCommand(),
  submit: async () => (await import('./submit.js')).submitCommand(),
};

export async function policyCommand(words: readonly string[]): Promise<Command> {
  const group = new Command('policy')
    .description('what may be signed: check, compare, pin lookup tables, sign, bring into force')
    .addHelpText(
      'after',
      example(
        'chancery policy check demo/policy.yaml',
        'chancery policy diff demo/policy.yaml --config demo/chancery.yaml',
        'chancery policy sign --config demo/chancery.yaml --identity demo/secrets/sovereign',
        'chancery policy submit --config demo/chancery.yaml',
      ),
    );
  return await addCommands(group, COMMANDS, words);
}
