import { Command } from 'commander';
import { init } from '../ceremony/init.js';
import { HOST_SCRIPT } from '../hsm/host-script.js';
import { nodeFiles } from '../os/files.js';
import { MACHINE_CLOCK } from '../os/machine-clock.js';
import { example, print } from './output.js';
import { shellPath } from './shell-word.js';

interface InitOptions {
  readonly name: string;
  readonly json?: boolean;
}

export function initCommand(): Command {
  return new Command('init')
    .description('make a working development set-up: token, keys, Sovereign, policy, ledger')
    .argument('<dir>', 'an empty or absent directory')
    .option('--name <name>', "the signer's name", 'dev')
    .option('--json', 'print JSON')
    .addHelpText('after', example('chancery init demo', 'chancery serve --config demo/chancery.yaml'))
    .action(async (directory: string, options: InitOptions) => {
      const made = await init({
        directory,
        name: options.name,
        clock: MACHINE_CLOCK,
        files: nodeFiles(),
        hostScript: HOST_SCRIPT,
      });
      const config = shellPath(made.config);
      const keys = made.keys.map(({ id, publicKey }) => `  key ${id.padEnd(10)} ${publicKey}`);
      const text = [
        `made ${made.directory}`,
        `  signer         ${made.origin}`,
        ...keys,
        `  workload       ${made.workload} (uid ${String(process.getuid?.() ?? 0)})`,
        `  Sovereign      ${made.sovereign} (for development: a key in a file)`,
        'next:',
        `  chancery serve --config ${config}`,
        `  chancery attest issue --config ${config} --workload ${made.workload} --key trading-1 --ttl 30m --identity ${shellPath(made.sovereign)} --submit`,
      ].join('\n');
      print({ text, json: made }, options.json);
    });
}
