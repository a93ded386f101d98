import { Command } from 'commander';
import { ChanceryError } from '../core/errors.js';
import { MACHINE_CLOCK } from '../os/machine-clock.js';
import { explainOffline } from '../policy/explain/explain-offline.js';
import { explanationText } from '../policy/explain/explanation-text.js';
import type { Explanation } from '../policy/explain/explanation.js';
import { withClient } from './agent-socket.js';
import { EXIT_FAILED } from './fail.js';
import { example, print } from './output.js';
import { readTransactionInput } from './transaction-input.js';
import { readPolicyFile } from './policy-file.js';

interface ExplainOptions {
  readonly key: string;
  readonly transaction: string;
  readonly socket?: string;
  readonly offline?: boolean;
  readonly policy?: string;
  readonly workload?: string;
  readonly json?: boolean;
}

export function explainCommand(): Command {
  return new Command('explain')
    .description('what a transaction does, what it can cost, what the policy says and why; reserves nothing')
    .requiredOption('--key <id>', 'key of the policy')
    .option('--transaction <file>', 'wire transaction in base64; - is standard input', '-')
    .option('--socket <path>', 'signer socket; else CHANCERY_SOCKET, else /run/chancery/signer.sock')
    .option('--offline', 'by a policy file alone: as if attested, with nothing spent and nothing frozen')
    .option('--policy <file>', 'policy.yaml, with --offline')
    .option('--workload <id>', 'whose request it is, with --offline; the first the key is granted to')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `${example(
        'chancery explain --socket demo/run/signer.sock --key trading-1 < transfer.b64',
        'chancery explain --offline --policy demo/policy.yaml --key trading-1 < transfer.b64',
      )}\nExit code: 0 when it would be signed, 1 when it would be refused.\n`,
    )
    .action(async (options: ExplainOptions) => {
      const explanation = await ask(options, await readTransactionInput(options.transaction));
      print({ text: explanationText(explanation), json: explanation }, options.json);
      if (explanation.decision === 'deny') process.exitCode = EXIT_FAILED;
    });
}

async function ask(options: ExplainOptions, transaction: Uint8Array): Promise<Explanation> {
  const { key, policy, workload, socket } = options;
  if (options.offline !== true) {
    if (policy !== undefined || workload !== undefined) {
      throw new ChanceryError('USAGE', '--policy and --workload go with --offline');
    }
    return await withClient(socket, (client) => client.explainTransaction({ key, transaction }));
  }
  if (policy === undefined) throw new ChanceryError('USAGE', '--offline needs --policy FILE');
  const now = MACHINE_CLOCK.wall();
  return explainOffline((await readPolicyFile(policy)).policy, { key, transaction, workload, now });
}
