import { Command } from 'commander';
import { addSshSignatures, unsigned } from '../../ceremony/sign-statement.js';
import { inspectStatement } from '../../sovereign/inspect-statement.js';
import { collect } from '../arguments.js';
import { inspectionText } from '../inspection-text.js';
import { example, print } from '../output.js';
import { policyOf, writeStatementFile } from '../statement-files.js';
import { unlessTooFew } from '../sign-and-submit.js';
import { submitStatement, submittedText, type Submitted } from '../submit-statement.js';
import { wishedPayload, withWish, type WishOptions } from './wish.js';

interface IssueOptions extends WishOptions {
  readonly policy?: string;
  readonly identity: readonly string[];
  readonly out?: string;
  readonly submit?: boolean;
}

export function issueCommand(): Command {
  return withWish(new Command('issue'))
    .description('request, sign with a key of this machine, and submit, in one step')
    .requiredOption(
      '--identity <file>',
      'SSH key of an authority, or its .pub file when ssh-agent holds it; may stand several times',
      collect,
    )
    .option('--out <file>', 'write the signed statement here')
    .option('--submit', 'bring it into force')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      example(
        'chancery attest issue --config demo/chancery.yaml --workload spiffe://dev.chancery.local/agent --key trading-1 --ttl 30m --identity demo/secrets/sovereign --submit',
      ),
    )
    .action(async (options: IssueOptions) => {
      const policy = await policyOf(options);
      const payload = await wishedPayload(options, policy);
      const { authorities } = policy.sovereign;
      const statement = await addSshSignatures(unsigned(payload), options.identity, authorities);
      if (options.out !== undefined) await writeStatementFile(options.out, statement);
      const inspection = inspectStatement(statement, policy.sovereign);
      if (options.submit === true) {
        const submit = (): Promise<Submitted> => submitStatement(options, statement);
        const submitted = await (options.out === undefined ? unlessTooFew('--out FILE', submit) : submit());
        const json = { ...submitted, expiresAt: inspection.expiresAt };
        const text = `${submittedText(submitted)}, until ${inspection.expiresAt ?? 'revoked'}`;
        print({ text, json }, options.json);
        return;
      }
      const text =
        options.out === undefined ? JSON.stringify(statement, null, 2) : inspectionText(inspection);
      print({ text, json: statement }, options.json);
    });
}
