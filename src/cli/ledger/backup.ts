import { Command } from 'commander';
import { backUpLedger } from '../../audit/backup/back-up-ledger.js';
import { example, print } from '../output.js';
import { progressLine } from '../progress.js';
import { ARCHIVE, ledgerDirectory, type PlaceOptions } from './place.js';

interface BackupCommandOptions extends PlaceOptions {
  readonly archive?: readonly string[];
  readonly json?: boolean;
}

export function backupCommand(): Command {
  return new Command('backup')
    .description(
      'copy the ledger while the daemon runs; a copy that is there grows and is never written over',
    )
    .argument('<directory>', 'where the copy is, or is to be made')
    .option('--config <file>', 'chancery.yaml, for the directory')
    .option('--ledger <directory>', 'the ledger itself')
    .option(...ARCHIVE)
    .option('--json', 'print JSON')
    .addHelpText('after', example('chancery ledger backup /mnt/backup/demo --config demo/chancery.yaml'))
    .action(async (to: string, options: BackupCommandOptions) => {
      const { archive: archives = [] } = options;
      const line = progressLine();
      const report = await backUpLedger({
        directory: ledgerDirectory(options),
        archives,
        to,
        progress: (entries) => {
          line.show(() => `${String(entries)} entries`);
        },
      }).finally(() => {
        line.clear();
      });
      const { entries, segments, bytesWritten, head } = report;
      const text = [
        `${String(entries)} entries in ${String(segments)} segments, ${String(bytesWritten)} bytes of them new`,
        `head ${head}`,
        `check it: chancery ledger verify --ledger ${to}`,
      ].join('\n');
      print({ text, json: report }, options.json);
    });
}
