import { Command } from 'commander';
import { backUpLedger } from '../../audit/backup/back-up-ledger.js';
import { example, print } from '../output.js';
import { withProgress } from '../progress.js';
import { ledgerFiles, withPlace, type PlaceOptions } from './place.js';

interface BackupCommandOptions extends PlaceOptions {
  readonly json?: boolean;
}

export function backupCommand(): Command {
  const command = new Command('backup')
    .description(
      'copy the ledger while the daemon runs; a copy that is there grows and is never written over',
    )
    .argument('<directory>', 'where the copy is, or is to be made');
  return withPlace(command)
    .option('--json', 'print JSON')
    .addHelpText('after', example('chancery ledger backup /mnt/backup/demo --config demo/chancery.yaml'))
    .action(async (to: string, options: BackupCommandOptions) => {
      const files = ledgerFiles(options);
      const report = await withProgress((progress) => backUpLedger({ ...files, to, progress }));
      const { entries, segments, bytesWritten, head } = report;
      const text = [
        `${String(entries)} entries in ${String(segments)} segments, ${String(bytesWritten)} bytes of them new`,
        `head ${head}`,
        `check it: chancery ledger verify --ledger ${to}`,
      ].join('\n');
      print({ text, json: report }, options.json);
    });
}
