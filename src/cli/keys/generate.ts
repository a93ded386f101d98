import { Command } from 'commander';
import { generateKey } from '../../ceremony/keys.js';
import { labelText } from '../arguments.js';
import { example, print } from '../output.js';
import { enrolKey } from './ceremony.js';
import { enrolledText } from './enrolled-text.js';
import type { KeysOptions } from './token.js';

interface GenerateOptions extends KeysOptions {
  readonly label: string;
}

export function generateCommand(): Command {
  return new Command('generate')
    .description('make a key inside a token, and record it in the ledger')
    .requiredOption('--config <file>', 'chancery.yaml')
    .requiredOption('--label <label>', 'CKA_LABEL of the key; must be free', labelText)
    .option('--token <name>', 'which, when the policy has several')
    .option('--socket <path>', 'admin socket')
    .option('--json', 'print JSON')
    .addHelpText('after', example('chancery keys generate --label trading-2 --config demo/chancery.yaml'))
    .action(async (options: GenerateOptions) => {
      const { label } = options;
      const made = await enrolKey(options, {
        action: 'generate',
        label,
        atToken: (access) => generateKey(access, label),
      });
      print({ text: enrolledText('generated', made, options.config), json: made }, options.json);
    });
}
