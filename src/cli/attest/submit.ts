import { Command } from 'commander';
import type { OperatorOptions } from '../arguments.js';
import { example, print } from '../output.js';
import { readStatementFile } from '../statement-files.js';
import { submitStatement, submittedText } from '../submit-statement.js';

export function submitCommand(): Command {
  return new Command('submit')
    .description('bring a signed statement into force')
    .argument('<file>', 'the signed statement')
    .option('--config <file>', 'chancery.yaml')
    .option('--socket <path>', 'admin socket')
    .option('--json', 'print JSON')
    .addHelpText('after', example('chancery attest submit monday.statement.json --config chancery.yaml'))
    .action(async (file: string, options: OperatorOptions) => {
      const submitted = await submitStatement(options, await readStatementFile(file));
      print({ text: submittedText(submitted), json: submitted }, options.json);
    });
}
