import { Command } from 'commander';
import { printable } from '../../core/printable.js';
import { listKeys } from '../../ceremony/keys.js';
import { example, print, table } from '../output.js';
import { chosenToken, type KeysOptions } from './token.js';

export function listCommand(): Command {
  return new Command('list')
    .description('the Ed25519 keys on a token and the trust checks they fail')
    .requiredOption('--config <file>', 'chancery.yaml')
    .option('--token <name>', 'which, when policy.yaml has several')
    .option('--json', 'print JSON')
    .addHelpText('after', example('chancery keys list --config demo/chancery.yaml'))
    .action(async (options: KeysOptions) => {
      const keys = await listKeys((await chosenToken(options)).access);
      const rows = keys.map(({ label, publicKey, objectId, failed }) => [
        printable(label),
        publicKey ?? 'no single public object',
        objectId,
        failed.length === 0 ? 'trusted' : `fails ${failed.map(({ check }) => check).join(', ')}`,
      ]);
      print({ text: rows.length === 0 ? 'no Ed25519 key' : table(rows), json: keys }, options.json);
    });
}
