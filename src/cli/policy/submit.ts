import { resolve } from 'node:path';
import { Command } from 'commander';
import { loadConfig } from '../../config/chancery-yaml.js';
import type { OperatorOptions } from '../arguments.js';
import { example, print } from '../output.js';
import { readPolicyFile } from '../policy-file.js';
import { readStatementFile } from '../statement-files.js';
import { submitStatement, submittedText } from '../submit-statement.js';

interface SubmitOptions extends OperatorOptions {
  readonly config: string;
}

export function submitCommand(): Command {
  return new Command('submit')
    .description('bring a signed policy into force')
    .argument('[file]', 'policy.yaml with FILE.sig beside it; that of chancery.yaml when absent')
    .requiredOption('--config <file>', 'chancery.yaml')
    .option('--socket <path>', 'admin socket')
    .option('--json', 'print JSON')
    .addHelpText('after', example('chancery policy submit --config demo/chancery.yaml'))
    .action(async (file: string | undefined, options: SubmitOptions) => {
      const config = loadConfig(options.config);
      const path = file === undefined ? config.policy : resolve(file);
      const next = await readPolicyFile(path);
      const submitted = await submitStatement(options, await readStatementFile(`${path}.sig`), next);
      const elsewhere =
        path === config.policy
          ? ''
          : `\ncopy ${path} and ${path}.sig to ${config.policy}: the daemon reads them there at its next start`;
      print({ text: submittedText(submitted) + elsewhere, json: submitted }, options.json);
    });
}
