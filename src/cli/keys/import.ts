import { resolve } from 'node:path';
import { Command } from 'commander';
import { findKey, importKey } from '../../ceremony/keys.js';
import { labelText } from '../arguments.js';
import { example, print } from '../output.js';
import { enrolKey } from './ceremony.js';
import { enrolledText } from './enrolled-text.js';
import type { KeysOptions } from './token.js';

interface ImportOptions extends KeysOptions {
  readonly label: string;
}

export function importCommand(): Command {
  return new Command('import')
    .description('put a Solana keypair file into a token (it is left where it is) and record the key')
    .argument(
      '[file]',
      'keypair file of 64 numbers; absent: only record a key that lies on the token already',
    )
    .requiredOption('--config <file>', 'chancery.yaml')
    .requiredOption('--label <label>', 'CKA_LABEL of the key; must be free when there is a file', labelText)
    .option('--token <name>', 'which, when the policy has several')
    .option('--socket <path>', 'admin socket')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      example(
        'chancery keys import ~/.config/solana/id.json --label old-wallet --config demo/chancery.yaml',
        'chancery keys import --label made-by-the-vendor --config demo/chancery.yaml',
      ),
    )
    .action(async (file: string | undefined, options: ImportOptions) => {
      const { label, config } = options;
      if (file === undefined) {
        const found = await enrolKey(options, {
          action: 'import',
          label,
          atToken: (access) => findKey(access, label),
        });
        print({ text: enrolledText('found', found, config), json: found }, options.json);
        return;
      }
      const path = resolve(file);
      const brought = await enrolKey(options, {
        action: 'import',
        label,
        atToken: (access) => importKey(access, label, path),
        beforeDaemon: (access) => importKey(access, label, path),
      });
      print({ text: enrolledText('imported', brought, config), json: brought }, options.json);
    });
}
