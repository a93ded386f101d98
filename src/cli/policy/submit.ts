import { resolve } from 'node:path';
import { Command } from 'commander';
import { loadConfig } from '../../config/chancery-yaml.js';
import { ChanceryError } from '../../core/errors.js';
import { readFileIfThere } from '../../core/read-file.js';
import { parseEnvelopeText, type Envelope } from '../../sovereign/envelope.js';
import { readStatement } from '../../sovereign/read-statement.js';
import type { OperatorOptions } from '../arguments.js';
import { inFile } from '../in-file.js';
import { example, print } from '../output.js';
import { readPolicyFile } from '../policy-file.js';
import { shellPath } from '../shell-word.js';
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
      const next = await readPolicyFile(path, config);
      const sign = `chancery policy sign ${shellPath(path)} --config ${shellPath(options.config)} --identity KEYFILE`;
      const envelope = await readSignatures(path, next.policy.sha256, sign);
      const submitted = await submitStatement(options, envelope, next);
      const elsewhere =
        path === config.policy
          ? ''
          : `\ncopy ${path} over ${config.policy}, and ${path}.sig over ${config.policy}.sig: the daemon reads them there at its next start`;
      print({ text: submittedText(submitted) + elsewhere, json: submitted }, options.json);
    });
}

/**
 * FILE.sig, held against FILE before either goes anywhere: an edit that nobody signed is the commonest mistake here,
 * and whoever judges the statement cannot tell which of the two files is the old one. `sign` is the command that
 * makes it. Throws FILE_UNREADABLE, MALFORMED_STATEMENT, STATEMENT_INVALID.
 */
async function readSignatures(path: string, sha256: string, sign: string): Promise<Envelope> {
  const signatures = `${path}.sig`;
  const bytes = readFileIfThere(signatures);
  if (bytes === null) {
    throw new ChanceryError('FILE_UNREADABLE', `there is no ${signatures}: ${path} is not signed`, {
      hint: sign,
    });
  }
  const envelope = await inFile(signatures, () => parseEnvelopeText(bytes));
  const statement = await inFile(signatures, () => readStatement(envelope));
  if (statement.kind === 'policy' && statement.payload.sha256 !== sha256) {
    throw new ChanceryError('STATEMENT_INVALID', `${path} is not the policy that ${signatures} signs`, {
      hint: `after an edit it is signed anew: ${sign}`,
    });
  }
  return envelope;
}
