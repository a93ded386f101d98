import { resolve } from 'node:path';
import { Command } from 'commander';
import { importKey } from '../../ceremony/keys.js';
import { example, print } from '../output.js';
import { chosenToken, newKeyText, type KeysOptions } from './token.js';

interface ImportOptions extends KeysOptions {
  readonly label: string;
}

export function importCommand(): Command {
  return new Command('import')
    .description('put a Solana keypair file into a token; the file is left where it is')
    .argument('<file>', 'keypair file of 64 numbers; only its owner may read it')
    .requiredOption('--config <file>', 'chancery.yaml')
    .requiredOption('--label <label>', 'CKA_LABEL of the key; must be free')
    .option('--token <name>', 'which, when the policy has several')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      example('chancery keys import ~/.config/solana/id.json --label old-wallet --config demo/chancery.yaml'),
    )
    .action(async (file: string, options: ImportOptions) => {
      const key = await importKey(await chosenToken(options), options.label, resolve(file));
      print(newKeyText(options.token, key, true), options.json);
    });
}
