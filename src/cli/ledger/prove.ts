import { Command } from 'commander';
import { proveFromFiles } from '../../audit/prove.js';
import { collect, sequenceNumber } from '../arguments.js';
import { example, print } from '../output.js';
import { withProgress } from '../progress.js';
import { ledgerFiles, withPlace, type PlaceOptions } from './place.js';

interface ProveOptions extends PlaceOptions {
  readonly sequence: number;
  readonly checkpoint?: string;
  readonly publicKey?: readonly string[];
  readonly json?: boolean;
}

export function proveCommand(): Command {
  const command = new Command('prove')
    .description('a C2SP tlog-proof that an entry is under a signed checkpoint; needs no daemon')
    .requiredOption('--sequence <number>', 'sequence of the entry', sequenceNumber);
  return withPlace(command)
    .option('--checkpoint <file>', 'prove against this one instead of the newest beside the ledger')
    .option('--public-key <key>', 'ledger key known from elsewhere; may stand several times', collect)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      example('chancery ledger prove --sequence 4 --config demo/chancery.yaml > entry-4.proof'),
    )
    .action(async (options: ProveOptions) => {
      const { sequence, checkpoint, publicKey } = options;
      const asked = {
        ...ledgerFiles(options),
        sequence,
        ...(checkpoint === undefined ? {} : { checkpoint }),
        ...(publicKey === undefined ? {} : { publicKeys: publicKey }),
      };
      const proof = await withProgress((progress) => proveFromFiles({ ...asked, progress }));
      print({ text: proof.text.replace(/\n$/, ''), json: proof }, options.json);
    });
}
