import { Command } from 'commander';
import { VERSION } from '../core/version.js';
import { addCommands, type CommandTable } from './command-table.js';
import { USAGE_HINT } from './fail.js';
import { example } from './output.js';

const COMMANDS: CommandTable = {
  init: async () => (await import('./init.js')).initCommand(),
  genesis: async () => (await import('./genesis.js')).genesisCommand(),
  serve: async () => (await import('./serve.js')).serveCommand(),
  doctor: async () => (await import('./doctor.js')).doctorCommand(),
  keys: async (words) => (await import('./keys/keys.js')).keysCommand(words),
  attest: async (words) => (await import('./attest/attest.js')).attestCommand(words),
  policy: async (words) => (await import('./policy/policy.js')).policyCommand(words),
  sign: async () => (await import('./sign.js')).signCommand(),
  explain: async () => (await import('./explain.js')).explainCommand(),
  status: async () => (await import('./status.js')).statusCommand(),
  freeze: async () => (await import('./freeze.js')).freezeCommand(),
  unfreeze: async () => (await import('./unfreeze.js')).unfreezeCommand(),
  ledger: async (words) => (await import('./ledger/ledger.js')).ledgerCommand(words),
  relay: async () => (await import('./relay.js')).relayCommand(),
};

/**
 * The command line for these words, with the command they name; with every command for none. Answers go to standard
 * output, errors to standard error as `error: CODE: sentence`.
 */
export async function program(words: readonly string[]): Promise<Command> {
  const root = new Command('chancery')
    .description(
      'Remote signer for Solana: keys in an HSM, every signature within policy, limits and a ledger',
    )
    .version(VERSION)
    .showSuggestionAfterError(true)
    .addHelpText('after', example('chancery init demo', 'chancery serve --config demo/chancery.yaml'));
  return strict(await addCommands(root, COMMANDS, words));
}

/** The same for every command below: errors in our format, and no exit from inside the library. */
function strict(command: Command): Command {
  command.exitOverride().configureOutput({
    writeErr: (text) => process.stderr.write(text),
    outputError: (text, write) => {
      write(`error: USAGE: ${text.replace(/^error: /, '').trimEnd()}\nhint: ${USAGE_HINT}\n`);
    },
  });
  for (const child of command.commands) strict(child);
  return command;
}
