import { Command } from 'commander';
import { entryAt } from '../../audit/read-entries.js';
import { entryText } from '../../audit/report/entry-text.js';
import { explainEntry } from '../../audit/report/explain-entry.js';
import { explanationText } from '../../policy/explain/explanation-text.js';
import { sequenceNumber } from '../arguments.js';
import { example, print } from '../output.js';
import { ARCHIVE, ledgerDirectory, type PlaceOptions } from './place.js';

interface ShowOptions extends PlaceOptions {
  readonly archive?: readonly string[];
  readonly json?: boolean;
}

export function showCommand(): Command {
  return new Command('show')
    .description('one entry in full, and what its transaction does')
    .argument('<sequence>', 'its sequence number', sequenceNumber)
    .option('--config <file>', 'chancery.yaml, for the directory')
    .option('--ledger <directory>', 'the ledger itself')
    .option(...ARCHIVE)
    .option('--json', 'print JSON')
    .addHelpText('after', example('chancery ledger show 4 --config demo/chancery.yaml'))
    .action(async (sequence: number, options: ShowOptions) => {
      const directory = ledgerDirectory(options);
      const { archive: archives = [] } = options;
      const step = await entryAt(directory, sequence, archives);
      const json = { hash: step.hash.toString('hex'), ...step.entry };
      const explanation = await explainEntry(directory, sequence, step.entry, archives);
      const report = explanation === null ? '' : `\n\n${explanationText(explanation)}`;
      print({ text: `${entryText(step)}${report}`, json }, options.json);
    });
}
