import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { policyPayload } from '../../ceremony/policy-payload.js';
import { addSshSignatures, unsigned } from '../../ceremony/sign-statement.js';
import { loadConfig, type Config } from '../../config/chancery-yaml.js';
import { ChanceryError } from '../../core/errors.js';
import { diffPolicies } from '../../policy/diff-policies.js';
import type { Policy } from '../../policy/policy.js';
import type { Envelope } from '../../sovereign/envelope.js';
import { inspectStatement } from '../../sovereign/inspect-statement.js';
import { readStatement } from '../../sovereign/read-statement.js';
import { collect } from '../arguments.js';
import { inForce } from '../in-force.js';
import { inspectionText } from '../inspection-text.js';
import { MACHINE_CLOCK } from '../machine.js';
import { example, print } from '../output.js';
import { readPolicyFile } from '../policy-file.js';
import { requestOrSign, type SigningOptions } from '../request-or-sign.js';
import { shellPath } from '../shell-word.js';
import { readStatementFile, writeStatementFile } from '../statement-files.js';

interface SignOptions extends SigningOptions {
  readonly config: string;
  readonly json?: boolean;
}

export function signCommand(): Command {
  return new Command('sign')
    .description('sign a policy: writes FILE.sig, or adds a signature to it')
    .argument('[file]', 'the new policy.yaml; that of chancery.yaml when absent')
    .requiredOption('--config <file>', 'chancery.yaml')
    .option('--identity <file>', 'SSH key of an authority in force; may stand several times', collect)
    .option('--request <file>', 'only write what is to be signed, and print how')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      example('chancery policy sign --config demo/chancery.yaml --identity demo/secrets/sovereign'),
    )
    .action(async (file: string | undefined, options: SignOptions) => {
      const config = loadConfig(options.config);
      const path = file ?? config.policy;
      const { policy: next } = await readPolicyFile(path);
      const inForce = await policyInForce(config);
      const payload = policyPayload(next, inForce, MACHINE_CLOCK.wall());
      const submit = file === undefined ? '' : `${shellPath(path)} `;
      const then = {
        config: options.config,
        out: `${path}.sig`,
        next: () =>
          inForce === null
            ? `chancery genesis --config ${shellPath(options.config)}`
            : `chancery policy submit ${submit}--config ${shellPath(options.config)}`,
      };
      const { sovereign } = inForce ?? next;
      const statement = await requestOrSign(options, payload, then, async (identities) => {
        const given = (await begun(then.out, payload)) ?? unsigned(payload);
        return await addSshSignatures(given, identities, sovereign.authorities);
      });
      if (statement === null) return;
      await writeStatementFile(`${path}.sig`, statement);
      const inspection = inspectStatement(statement, sovereign);
      const changes = inForce === null ? [] : diffPolicies(inForce, next);
      const text = [inspectionText(inspection), ...changes.map((line) => `  ${line}`), `wrote ${path}.sig`];
      print({ text: text.join('\n'), json: { ...inspection, changes } }, options.json);
    });
}

/** Null before the ledger has begun: the first policy follows none. */
async function policyInForce(config: Config): Promise<Policy | null> {
  try {
    return (await inForce(config)).policy;
  } catch (error) {
    if (error instanceof ChanceryError && error.code === 'LEDGER_MISSING') return null;
    throw error;
  }
}

/** The statement that others have begun to sign, when it says the same of the same policy. */
async function begun(path: string, payload: Uint8Array): Promise<Envelope | null> {
  if (!existsSync(path)) return null;
  const found = await readStatementFile(path);
  const [old, wanted] = [readStatement(found), readStatement(unsigned(payload))];
  if (old.kind !== 'policy' || wanted.kind !== 'policy') return null;
  const same =
    old.payload.sha256 === wanted.payload.sha256 &&
    old.payload.previous === wanted.payload.previous &&
    old.payload.epoch === wanted.payload.epoch &&
    old.payload.signer === wanted.payload.signer;
  return same ? found : null;
}
