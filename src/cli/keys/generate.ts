import { Command } from 'commander';
import { generateKey } from '../../ceremony/keys.js';
import { example, print } from '../output.js';
import { chosenToken, newKeyText, type KeysOptions } from './token.js';

interface GenerateOptions extends KeysOptions {
  readonly label: string;
}

export function generateCommand(): Command {
  return new Command('generate')
    .description('make a key inside a token')
    .requiredOption('--config <file>', 'chancery.yaml')
    .requiredOption('--label <label>', 'CKA_LABEL of the key; must be free')
    .option('--token <name>', 'which, when the policy has several')
    .option('--json', 'print JSON')
    .addHelpText('after', example('chancery keys generate --label trading-2 --config demo/chancery.yaml'))
    .action(async (options: GenerateOptions) => {
      const key = await generateKey(await chosenToken(options), options.label);
      print(newKeyText(options.token, key, false), options.json);
    });
}
