import { Command } from 'commander';
import { verifyExitCode, verifyText } from '../../audit/report/verify-text.js';
import { verifyLedger } from '../../audit/verify.js';
import { collect } from '../arguments.js';
import { example, print } from '../output.js';
import { ledgerDirectory, type PlaceOptions } from './place.js';

interface VerifyOptions extends PlaceOptions {
  readonly publicKey?: readonly string[];
  readonly checkpoint?: readonly string[];
  readonly archive?: readonly string[];
  readonly onlyHashes?: boolean;
  readonly json?: boolean;
}

export function verifyCommand(): Command {
  return new Command('verify')
    .description(
      'check every hash, signature, outcome, statement and count, with code that never wrote a ledger',
    )
    .option('--config <file>', 'chancery.yaml, for the directory')
    .option('--ledger <directory>', 'the ledger itself')
    .option(
      '--public-key <key>',
      'ledger key known from elsewhere (base58); may stand several times',
      collect,
    )
    .option('--checkpoint <file>', 'checkpoint kept elsewhere; may stand several times', collect)
    .option('--archive <directory>', 'where old segments were moved; may stand several times', collect)
    .option('--only-hashes', 'leave out signatures, authority and counts')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `${example('chancery ledger verify --config demo/chancery.yaml')}\nExit code: 0 when nothing is wrong, else 10 to 25, one for each kind of damage (docs/architecture/audit.md).\n`,
    )
    .action(async (options: VerifyOptions) => {
      const { publicKey, checkpoint, archive, onlyHashes } = options;
      const report = await verifyLedger({
        directory: ledgerDirectory(options),
        ...(publicKey === undefined ? {} : { publicKeys: publicKey }),
        ...(checkpoint === undefined ? {} : { checkpoints: checkpoint }),
        ...(archive === undefined ? {} : { archives: archive }),
        ...(onlyHashes === undefined ? {} : { onlyHashes }),
      });
      print({ text: verifyText(report), json: report }, options.json);
      process.exitCode = verifyExitCode(report);
    });
}
