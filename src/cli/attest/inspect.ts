import { Command } from 'commander';
import { inspectStatement } from '../../sovereign/inspect-statement.js';
import { inspectionText } from '../inspection-text.js';
import { example, print } from '../output.js';
import { policyOf, readStatementFile } from '../statement-files.js';

interface InspectOptions {
  readonly config?: string;
  readonly policy?: string;
  readonly json?: boolean;
}

export function inspectCommand(): Command {
  return new Command('inspect')
    .description('what a statement grants, until when, who has signed, who is missing')
    .argument('<file>', 'a statement, or what is to be signed')
    .option('--config <file>', 'chancery.yaml')
    .option('--policy <file>', 'policy.yaml in force; from chancery.yaml when absent')
    .option('--json', 'print JSON')
    .addHelpText('after', example('chancery attest inspect monday.statement.json --config chancery.yaml'))
    .action(async (file: string, options: InspectOptions) => {
      const { sovereign } = await policyOf(options);
      const inspection = inspectStatement(await readStatementFile(file), sovereign);
      print({ text: inspectionText(inspection), json: inspection }, options.json);
    });
}
