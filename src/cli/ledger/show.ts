import { Command } from 'commander';
import { entryAt } from '../../audit/read-entries.js';
import { entryText } from '../../audit/report/entry-text.js';
import { explainEntry } from '../../audit/report/explain-entry.js';
import { explanationText } from '../../policy/explain/explanation-text.js';
import { sequenceNumber } from '../arguments.js';
import { example, print } from '../output.js';
import { ledgerFiles, withPlace, type PlaceOptions } from './place.js';

interface ShowOptions extends PlaceOptions {
  readonly json?: boolean;
}

export function showCommand(): Command {
  const command = new Command('show')
    .description('one entry in full, and what its transaction does')
    .argument('<sequence>', 'its sequence number', sequenceNumber);
  return withPlace(command)
    .option('--json', 'print JSON')
    .addHelpText('after', example('chancery ledger show 4 --config demo/chancery.yaml'))
    .action(async (sequence: number, options: ShowOptions) => {
      const files = ledgerFiles(options);
      const step = await entryAt(files, sequence);
      const json = { hash: step.hash.toString('hex'), ...step.entry };
      const explanation = await explainEntry(files, sequence, step.entry);
      const report = explanation === null ? '' : `\n\n${explanationText(explanation)}`;
      print({ text: `${entryText(step)}${report}`, json }, options.json);
    });
}
