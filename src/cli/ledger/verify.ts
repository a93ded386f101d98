import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { verifyExitCode, verifyText } from '../../audit/report/verify-text.js';
import { verifyLedger } from '../../audit/verify.js';
import { collect, readInput } from '../arguments.js';
import { example, print } from '../output.js';
import { withProgress } from '../progress.js';
import { ledgerFiles, withPlace, type PlaceOptions } from './place.js';

interface VerifyOptions extends PlaceOptions {
  readonly publicKey?: readonly string[];
  readonly checkpoint?: readonly string[];
  readonly witnesses?: string;
  readonly onlyHashes?: boolean;
  readonly json?: boolean;
}

export function verifyCommand(): Command {
  const command = new Command('verify').description(
    'check every hash, signature, outcome, statement and count, with code that never wrote a ledger',
  );
  return withPlace(command)
    .option(
      '--public-key <key>',
      'ledger key known from elsewhere (base58); may stand several times',
      collect,
    )
    .option('--checkpoint <file>', 'checkpoint kept elsewhere; may stand several times', collect)
    .option('--witnesses <file>', 'C2SP tlog-policy known from elsewhere, instead of that of the policy')
    .option('--only-hashes', 'leave out signatures, authority and counts')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `${example('chancery ledger verify --config demo/chancery.yaml')}\nExit code: 0 when all was verified and nothing is wrong; 4 when nothing is wrong with what is there but the\nfirst segments are not; else 10 to 27, one for each kind of damage (docs/architecture/audit.md).\n`,
    )
    .action(async (options: VerifyOptions) => {
      const { publicKey, checkpoint, witnesses, onlyHashes } = options;
      const asked = {
        ...ledgerFiles(options),
        ...(publicKey === undefined ? {} : { publicKeys: publicKey }),
        ...(checkpoint === undefined ? {} : { checkpoints: checkpoint }),
        ...(witnesses === undefined ? {} : { witnesses: readInput(witnesses).toString('utf8') }),
        ...(onlyHashes === undefined ? {} : { onlyHashes }),
        threads: availableParallelism(),
      };
      const report = await withProgress((progress) => verifyLedger({ ...asked, progress }));
      print({ text: verifyText(report), json: report }, options.json);
      process.exitCode = verifyExitCode(report);
    });
}
