import { Command } from 'commander';
import { replayLedger } from '../../audit/replay/replay.js';
import { replayText } from '../../audit/report/replay-text.js';
import { EXIT_FAILED } from '../fail.js';
import { example, print } from '../output.js';
import { readPolicyFile } from '../policy-file.js';
import { progressLine } from '../progress.js';
import { withTime, type FilterOptions } from './filter-options.js';
import { ARCHIVE, ledgerDirectory, type PlaceOptions } from './place.js';

interface ReplayCommandOptions extends PlaceOptions, FilterOptions {
  readonly policy?: string;
  readonly archive?: readonly string[];
  readonly json?: boolean;
}

export function replayCommand(): Command {
  const command = new Command('replay')
    .description('decide again what was decided, from the entries alone; or ask another policy')
    .option('--config <file>', 'chancery.yaml, for the directory')
    .option('--ledger <directory>', 'the ledger itself')
    .option(...ARCHIVE)
    .option('--policy <file>', 'judge by this policy.yaml, signed or not, instead of those then in force');
  return withTime(command)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `${example(
        'chancery ledger replay --config demo/chancery.yaml',
        'chancery ledger replay --config demo/chancery.yaml --policy stricter.yaml --since 30d',
      )}\nExit code: 1 when a decision comes out otherwise under the policy it was made by; with --policy the differences\nare the answer, and it is 0.\n`,
    )
    .action(async (options: ReplayCommandOptions) => {
      const { archive: archives = [], policy: path, since, until } = options;
      const line = progressLine();
      const report = await replayLedger({
        directory: ledgerDirectory(options),
        archives,
        ...(path === undefined ? {} : { policy: (await readPolicyFile(path)).policy }),
        ...(since === undefined ? {} : { since }),
        ...(until === undefined ? {} : { until }),
        progress: (entries) => {
          line.show(() => `${String(entries)} entries`);
        },
      }).finally(() => {
        line.clear();
      });
      print({ text: replayText(report), json: report }, options.json);
      if (path === undefined && report.different > 0) process.exitCode = EXIT_FAILED;
    });
}
