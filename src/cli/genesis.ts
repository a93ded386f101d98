import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { genesisPayload } from '../ceremony/genesis-payload.js';
import { startLedger } from '../ceremony/start-ledger.js';
import { loadConfig } from '../config/chancery-yaml.js';
import { ChanceryError } from '../core/errors.js';
import { nodeFiles } from '../os/files.js';
import { MACHINE_CLOCK } from '../os/machine-clock.js';
import { example, print } from './output.js';
import { readPolicyFile } from './policy-file.js';
import { shellPath } from './shell-word.js';
import { readEnvelopeFile, writePayload } from './statement-files.js';

interface GenesisOptions {
  readonly config: string;
  readonly statement?: string;
  readonly request?: string;
  readonly json?: boolean;
}

export function genesisCommand(): Command {
  return new Command('genesis')
    .description('start a ledger from a genesis statement and a signed policy; `serve` never creates one')
    .requiredOption('--config <file>', 'chancery.yaml')
    .option(
      '--statement <file>',
      'the signed genesis statement; genesis.json beside chancery.yaml when absent',
    )
    .option('--request <file>', 'only write what the authorities of policy.yaml are to sign')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      example(
        'chancery genesis --config chancery.yaml --request genesis-request.json',
        'chancery attest sign genesis-request.json --config chancery.yaml --identity ~/.ssh/id_ed25519_sk --out genesis.json',
        'chancery genesis --config chancery.yaml --statement genesis.json',
      ),
    )
    .action(async (options: GenesisOptions) => {
      const config = loadConfig(options.config);
      const { bytes, policy: first, blobs } = await readPolicyFile(config.policy);
      if (options.request !== undefined) {
        const payload = genesisPayload(first, config.name, MACHINE_CLOCK.wall());
        const out = options.statement ?? join(dirname(config.file), 'genesis.json');
        await writePayload(options.request, payload, {
          config: config.file,
          out,
          next: (statement) =>
            `chancery genesis --config ${shellPath(config.file)} --statement ${statement}   # the policy is signed with \`chancery policy sign\``,
        });
        return;
      }
      const statement = options.statement ?? join(dirname(config.file), 'genesis.json');
      const signature = `${config.policy}.sig`;
      const of = `--config ${shellPath(config.file)}`;
      mustBeThere(statement, `have it signed first: chancery genesis ${of} --request genesis-request.json`);
      mustBeThere(signature, `sign the policy first: chancery policy sign ${of} --identity KEYFILE`);
      const policy = await startLedger({
        name: config.name,
        directory: config.ledger.directory,
        files: nodeFiles(),
        clock: MACHINE_CLOCK,
        genesis: await readEnvelopeFile(statement),
        policy: bytes,
        blobs,
        policyStatement: await readEnvelopeFile(signature),
      });
      print(
        {
          text: `the ledger of ${policy.signer} begins in ${config.ledger.directory}`,
          json: { origin: policy.signer, directory: config.ledger.directory, policy: policy.sha256 },
        },
        options.json,
      );
    });
}

function mustBeThere(path: string, hint: string): void {
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) return;
  throw new ChanceryError('FILE_UNREADABLE', `there is no ${path}`, { hint });
}
