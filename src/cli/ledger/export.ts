import { Command, Option } from 'commander';
import { readEntries } from '../../audit/read-entries.js';
import { csvLine, CSV_HEADER, jsonLine } from '../../audit/report/export.js';
import { example } from '../output.js';
import { printLines } from '../print-lines.js';
import { filterOf, withFilter, withTime, type FilterOptions } from './filter-options.js';
import { ledgerFiles, withPlace, type PlaceOptions } from './place.js';

interface ExportOptions extends PlaceOptions, FilterOptions {
  readonly format: 'jsonl' | 'csv';
  readonly json?: boolean;
}

export function exportCommand(): Command {
  const command = new Command('export')
    .description('entries as JSON lines or CSV, outcomes with their authorization; amounts in base units')
    .addOption(
      new Option('--format <format>', 'one JSON object or one CSV record a line')
        .choices(['jsonl', 'csv'])
        .default('jsonl'),
    );
  return withTime(withFilter(withPlace(command)))
    .option('--json', 'JSON lines, as without --format')
    .addHelpText(
      'after',
      example('chancery ledger export --config demo/chancery.yaml --format csv --since 30d > month.csv'),
    )
    .action(async (options: ExportOptions) => {
      const csv = options.format === 'csv' && options.json !== true;
      const steps = readEntries({ ...ledgerFiles(options), filter: filterOf(options) });
      await printLines(lines());

      async function* lines(): AsyncGenerator<string, void, void> {
        if (csv) yield CSV_HEADER;
        for await (const step of steps) yield csv ? csvLine(step) : jsonLine(step);
      }
    });
}
