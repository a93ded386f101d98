import { Command, InvalidArgumentError } from 'commander';
import { spendJson, spendText } from '../../audit/report/spend-text.js';
import { readSpend } from '../../audit/spend.js';
import type { Duration } from '../../core/duration.js';
import { duration, durationOption } from '../arguments.js';
import { example, print } from '../output.js';
import { withProgress } from '../progress.js';
import { filterOf, withSubject, withTime, type FilterOptions } from './filter-options.js';
import { ledgerFiles, withPlace, type PlaceOptions } from './place.js';

interface SpendCommandOptions extends PlaceOptions, FilterOptions {
  readonly by: Duration;
  readonly json?: boolean;
}

const DAY = 86_400_000 as Duration;

export function spendCommand(): Command {
  const command = new Command('spend').description(
    'what each key spent over time, and what each workload cost: fees, rent, spend',
  );
  return withTime(
    withSubject(withPlace(command)).addOption(
      durationOption('--by <interval>', 'length of the intervals, at least a minute', DAY, interval),
    ),
  )
    .option('--json', 'print JSON')
    .addHelpText('after', example('chancery ledger spend --config demo/chancery.yaml --by 1h --since 2d'))
    .action(async (options: SpendCommandOptions) => {
      const asked = { ...ledgerFiles(options), ...filterOf(options), interval: options.by };
      const report = await withProgress((progress) => readSpend({ ...asked, progress }));
      print({ text: spendText(report), json: spendJson(report) }, options.json);
    });
}

function interval(text: string): Duration {
  const parsed = duration(text);
  if (parsed < 60_000) throw new InvalidArgumentError('expected at least 1m');
  return parsed;
}
