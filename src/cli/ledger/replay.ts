import { Command } from 'commander';
import { replayLedger } from '../../audit/replay/replay.js';
import { replayText } from '../../audit/report/replay-text.js';
import { EXIT_FAILED } from '../fail.js';
import { example, print } from '../output.js';
import { readPolicyFile } from '../policy-file.js';
import { withProgress } from '../progress.js';
import { filterOf, withTime, type FilterOptions } from './filter-options.js';
import { ledgerFiles, withPlace, type PlaceOptions } from './place.js';

interface ReplayCommandOptions extends PlaceOptions, FilterOptions {
  readonly policy?: string;
  readonly json?: boolean;
}

export function replayCommand(): Command {
  const command = new Command('replay').description(
    'decide again what was decided, from the entries alone; or ask another policy',
  );
  return withTime(
    withPlace(command).option(
      '--policy <file>',
      'judge by this policy.yaml, signed or not, instead of those then in force',
    ),
  )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `${example(
        'chancery ledger replay --config demo/chancery.yaml',
        'chancery ledger replay --config demo/chancery.yaml --policy stricter.yaml --since 30d',
      )}\nExit code: 1 when a decision comes out otherwise under the policy it was made by; with --policy the differences\nare the answer, and it is 0.\n`,
    )
    .action(async (options: ReplayCommandOptions) => {
      const { policy: path } = options;
      const policy = path === undefined ? {} : { policy: (await readPolicyFile(path)).policy };
      const asked = { ...ledgerFiles(options), ...filterOf(options), ...policy };
      const report = await withProgress((progress) => replayLedger({ ...asked, progress }));
      print({ text: replayText(report), json: report }, options.json);
      if (path === undefined && report.different > 0) process.exitCode = EXIT_FAILED;
    });
}
