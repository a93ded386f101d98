import { Command } from 'commander';
import { addCommands, type CommandTable } from '../command-table.js';
import { example } from '../output.js';

const COMMANDS: CommandTable = {
  verify: async () => (await import('./verify.js')).verifyCommand(),
  tail: async () => (await import('./tail.js')).tailCommand(),
  show: async () => (await import('./show.js')).showCommand(),
  prove: async () => (await import('./prove.js')).proveCommand(),
  replay: async () => (await import('./replay.js')).replayCommand(),
  export: async () => (await import('./export.js')).exportCommand(),
  spend: async () => (await import('./spend.js')).spendCommand(),
  backup: async () => (await import('./backup.js')).backupCommand(),
  'accept-rollback': async () => (await import('./accept-rollback.js')).acceptRollbackCommand(),
};

export async function ledgerCommand(words: readonly string[]): Promise<Command> {
  const group = new Command('ledger')
    .description('read and verify the ledger; needs files and public keys, no daemon')
    .addHelpText('after', example('chancery ledger verify --config demo/chancery.yaml'));
  return await addCommands(group, COMMANDS, words);
}
