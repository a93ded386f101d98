import { Command } from 'commander';
import { lastEntries } from '../../audit/read-entries.js';
import { entryLine } from '../../audit/report/entry-text.js';
import { jsonLine } from '../../audit/report/export.js';
import { wholeNumber } from '../arguments.js';
import { example } from '../output.js';
import { filterOf, withFilter, type FilterOptions } from './filter-options.js';
import { ledgerFiles, withPlace, type PlaceOptions } from './place.js';

interface TailOptions extends PlaceOptions, FilterOptions {
  readonly count: number;
  readonly json?: boolean;
}

export function tailCommand(): Command {
  const command = new Command('tail')
    .description('the newest entries, a line each')
    .option('-n, --count <count>', 'how many', wholeNumber, 20);
  return withFilter(withPlace(command))
    .option('--json', 'print JSON, a line each')
    .addHelpText('after', example('chancery ledger tail --config demo/chancery.yaml --type denial'))
    .action(async (options: TailOptions) => {
      const steps = await lastEntries(ledgerFiles(options), options.count, filterOf(options));
      for (const step of steps) {
        process.stdout.write(`${options.json === true ? jsonLine(step) : entryLine(step)}\n`);
      }
    });
}
