import { Command } from 'commander';
import { attestCommand } from './attest/attest.js';
import { doctorCommand } from './doctor.js';
import { explainCommand } from './explain.js';
import { USAGE_HINT } from './fail.js';
import { freezeCommand } from './freeze.js';
import { genesisCommand } from './genesis.js';
import { initCommand } from './init.js';
import { keysCommand } from './keys/keys.js';
import { ledgerCommand } from './ledger/ledger.js';
import { example } from './output.js';
import { policyCommand } from './policy/policy.js';
import { relayCommand } from './relay.js';
import { serveCommand } from './serve.js';
import { signCommand } from './sign.js';
import { statusCommand } from './status.js';
import { unfreezeCommand } from './unfreeze.js';
import { VERSION } from './version.js';

/** The command line. Answers go to standard output, errors to standard error as `error: CODE: sentence`. */
export function program(): Command {
  const root = new Command('chancery')
    .description(
      'Remote signer for Solana: keys in an HSM, every signature within policy, limits and a ledger',
    )
    .version(VERSION)
    .showSuggestionAfterError(true)
    .addHelpText('after', example('chancery init demo', 'chancery serve --config demo/chancery.yaml'));
  for (const command of [
    initCommand(),
    genesisCommand(),
    serveCommand(),
    doctorCommand(),
    keysCommand(),
    attestCommand(),
    policyCommand(),
    signCommand(),
    explainCommand(),
    statusCommand(),
    freezeCommand(),
    unfreezeCommand(),
    ledgerCommand(),
    relayCommand(),
  ]) {
    root.addCommand(command);
  }
  return strict(root);
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
